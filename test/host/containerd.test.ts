import { ContainerdService, Image } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

/** Waits until a unit is active, and prints what its container answers. */
const ANSWER = `
for try in $(seq 300); do
  [ "$(systemctl is-active c-task)" != active ] || break
  sleep 0.1
done
systemctl is-active c-task
curl --silent --show-error --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8072/`;

describeHost('a container of containerd', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    deployment = new Deployment('containerd', (host) => {
      const image = Image.ociArchive(images().ociArchive);
      new ContainerdService(host, 'c-task', { image, ports: ['8072:80'], stopTimeout: '1s' });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  const answers = async (script: string) => {
    await lab.sh(`systemctl reset-failed c-task; ${script}`);
    expect(await lab.sh(ANSWER)).toBe('active\n<h1>It works</h1>\n');
    expect(await deployment.differences()).toEqual([]);
  };

  test('is there again after a restart of containerd', () => answers('systemctl restart containerd'));

  test('is there again after containerd was killed', () =>
    answers('kill -KILL "$(systemctl show -P MainPID containerd)"; sleep 1'));

  test('is there again after its program was killed', () =>
    answers('ctr -n bulkhead tasks kill --signal SIGKILL c-task; sleep 1'));

  test('is there again after the client was killed, whatever it had begun', () =>
    answers(`for try in $(seq 8); do
      systemctl reset-failed c-task
      systemctl restart --no-block c-task
      sleep "0.$try"
      systemctl kill --signal KILL c-task
    done`));

  test('has a snapshot that does not expire', async () => {
    const snapshot = '/run/bulkhead/containerd/c-task/root';
    expect(JSON.parse(await lab.sh('ctr -n bulkhead snapshots info "$1"', snapshot))).toMatchObject({
      Labels: { 'containerd.io/gc.root': 'bulkhead' },
    });
    // A client that was killed leaves a lease that ends by itself.
    expect(await lab.sh('ctr -n bulkhead leases ls | sed 1d | grep -v containerd.io/gc.expire= || :')).toBe('');
  });
});
