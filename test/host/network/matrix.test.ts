import { startDocker, stopDocker } from '../docker/daemon';
import { describeHost, inventory, lab } from '../host';
import { practiceHost } from '../stack';
import { Deployment } from '../synth';
import { Matrix } from './matrix';
import { makeRoot } from './runtimes';

describeHost('a network of every runtime', () => {
  const matrix = new Matrix('n');
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    await startDocker();
    // Two pods that start at once make podman's image of the pause program twice.
    await lab.sh('podman pod create --name n-first; podman pod rm n-first');
    before = await inventory();
    await makeRoot('n-machine');
    deployment = new Deployment('network-test', matrix.build);
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('rm -r --one-file-system /srv/n-machine');
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  test('two plans after an apply are empty', async () => {
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  });

  test.each(matrix.names)('%s reaches whom it may by name, over TCP, UDP, IPv4 and IPv6', async (name) => {
    await matrix.expectAnswers(name);
  });

  test.each(matrix.names)('%s is refused by all others', async (name) => {
    await matrix.expectRefusals(name);
  });

  describe('whose host restarts', () => {
    beforeAll(async () => {
      await practiceHost.restart();
      await lab.sh('systemctl is-system-running --wait || true');
    });

    test('is as it was', async () => {
      expect(await deployment.differences()).toEqual([]);
    });

    test.each(matrix.names)('%s reaches again whom it may', async (name) => {
      await matrix.expectAnswers(name);
    });
  });
});
