import { Image, NspawnMachine } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

describeHost('a machine that did not get healthy', () => {
  test('keeps its root, and what was written into it, when it is applied again', async () => {
    const before = await inventory();
    const deployment = new Deployment('failed-start', (host) => {
      new NspawnMachine(host, 'fs-machine', {
        image: Image.tar(images().tar),
        command: ['/bin/sh', '-c', 'exec sleep infinity'],
        stopSignal: 'SIGKILL',
        health: { command: ['/bin/test', '-e', '/healthy'], interval: '100ms', timeout: '1s' },
      });
    });
    await expect(deployment.apply()).rejects.toThrow('fs-machine');
    expect((await deployment.plan()).flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'objects'))).toEqual(
      [],
    );
    await lab.sh('touch /var/lib/machines/fs-machine/healthy');
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await lab.sh('ls /var/lib/machines/fs-machine/healthy')).toBe('/var/lib/machines/fs-machine/healthy\n');
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });
});
