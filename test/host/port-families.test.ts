import { Image, NspawnMachine, PodmanService, SystemdSocket } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

const image = () => Image.ociArchive(images().ociArchive);

describeHost('a port of IPv4 and the same one of IPv6', () => {
  const deployment = new Deployment('families', (host) => {
    new PodmanService(host, 'f-web', { image: image(), ports: ['0.0.0.0:8280:80', '[::]:8280:80', '8281:80'] });
    new SystemdSocket(host, 'f-echo', {
      command: ['/usr/bin/cat'],
      accept: true,
      ports: ['0.0.0.0:8282', '[::]:8282', 8283],
    });
    new NspawnMachine(host, 'f-db', {
      image: image(),
      command: ['/bin/busybox', 'sleep', 'infinity'],
      stopTimeout: '1s',
      ports: ['0.0.0.0:8284:1', '[::]:8284:1', '0.0.0.0:8285:1/udp', '[::]:8285:1/udp', 8286],
    });
  });
  let before: string;
  beforeAll(async () => {
    before = await inventory();
    await deployment.apply();
  });
  afterAll(() => deployment.cleanUp());

  test('are sockets of their own, whatever runs the service, and match what is claimed', async () => {
    const listening = await lab.sh("ss -Hltun | awk '$5 ~ /:828/ { print $1, $5 }' | sort");
    // Nothing listens for a machine: the rules of its network translate its ports.
    const claimed = deployment.manifests
      .filter(({ name }) => name !== 'f-db')
      .flatMap(({ claims = [] }) => claims)
      .filter((claim) => /^(?:tcp|udp) /.test(claim));
    // A socket unit with a port of IPv6 alone listens for the others with one socket of each family.
    const both = ['tcp 0.0.0.0:8283', 'tcp [::]:8283'];
    const expected = claimed.flatMap((claim) => (claim === 'tcp *:8283' ? both : [claim]));
    expect(listening.trim().split('\n')).toEqual([...expected].sort());
    expect(await deployment.differences()).toEqual([]);
  });

  test('are free once the services are destroyed', async () => {
    await deployment.destroy();
    expect(await inventory()).toBe(before);
  });
});
