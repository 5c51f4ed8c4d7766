import { SystemdNetwork } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

const THEIRS = '/run/systemd/network/05-theirs.network';
const OURS = '/etc/systemd/network/10-s-lan.network';

/** Waits until networkd configures the interface by a file. */
const configuredBy = (file: string) =>
  lab.sh(
    `networkctl reload
     for try in $(seq 100); do
       networkctl --no-pager status s-lan0 | grep -q "Network File: $1" && exit 0
       sleep 0.1
     done
     networkctl --no-pager status s-lan0; exit 1`,
    file,
  );
const writeTheirs = () => lab.sh('printf "[Match]\\nName=s-lan0\\n" > "$1"', THEIRS);

describeHost('a .network file that another one comes before', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    await lab.sh('mkdir -p /run/systemd/network; ip link add s-lan0 type bridge');
    deployment = new Deployment('shadowed', (host) => {
      const Match = { Name: 's-lan0' };
      new SystemdNetwork(host, 's-lan', { directives: { Match, Network: { LinkLocalAddressing: false } } });
    });
  });
  afterAll(async () => {
    await lab.sh('rm -f "$1"; ip link delete s-lan0; networkctl reload', THEIRS);
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('is refused, and nothing is written', async () => {
    await writeTheirs();
    await configuredBy(THEIRS);
    const refused = await deployment.apply().then(String, String);
    expect(refused).toContain(`it would have no effect on s-lan0: ${THEIRS} also matches it`);
    expect(await lab.sh('ls /etc/systemd/network')).not.toContain('s-lan');
  });

  test('takes effect once the other is gone, and the next plan says when one comes before it', async () => {
    await lab.sh('rm "$1"; networkctl reload', THEIRS);
    await deployment.apply();
    await configuredBy(OURS);
    expect(await deployment.differences()).toEqual([]);
    await writeTheirs();
    await configuredBy(THEIRS);
    expect(await deployment.differences()).toEqual([
      `write ${OURS}: has no effect on s-lan0: ${THEIRS} comes before it`,
    ]);
  });
});
