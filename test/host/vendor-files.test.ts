import { type Host, SystemdNetwork, SystemdSocket } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

const socket = (name: string) => (host: Host) =>
  void new SystemdSocket(host, name, { accept: true, ports: [7_000], command: ['/usr/bin/cat'] });

describeHost('what the distribution brings', () => {
  let deployment: Deployment;
  let before: string;
  beforeAll(async () => (before = await inventory()));
  afterEach(() => deployment.cleanUp());

  const refused = async (make: (host: Host) => void): Promise<string> => {
    deployment = new Deployment('vendor-files', make);
    const error = await deployment.apply().then(String, String);
    expect(await inventory()).toBe(before);
    return error;
  };

  test.each(['user', 'container-getty'])('the template %s@.service is not hidden', async (name) => {
    expect(await refused(socket(name))).toContain(`it would hide /usr/lib/systemd/system/${name}@.service`);
    expect(await lab.sh('systemctl show -P FragmentPath "$1@0.service"', name)).toBe(
      `/usr/lib/systemd/system/${name}@.service\n`,
    );
  });

  test('a file of networkd is not hidden', async () => {
    const network = '80-container-host0';
    const error = await refused((host) => {
      new SystemdNetwork(host, 'uplink', { name: network, directives: { Match: { Name: 'host9' } } });
    });
    expect(error).toContain(`it would hide /usr/lib/systemd/network/${network}.network`);
  });
});
