import { ConfigFile, type Host, SystemdService } from 'bulkhead';
import { describeHost, lab } from './host';
import { Deployment } from './synth';

const TOP = '/bulkhead-mount-test';

/** What there is of mount points on the host, those that were there before included. */
const there = () => lab.sh('find "$1"* | sort', TOP);

const service = (host: Host, name: string) => {
  const conf = new ConfigFile(host, `${name}-conf`, { path: `/etc/${name}.conf`, content: 'x\n' });
  new SystemdService(host, name, {
    command: ['/usr/bin/sleep', 'infinity'],
    volumes: [
      `/srv/v-data:${TOP}/deep/data`,
      `/srv/v-data:${TOP}-before`,
      { source: conf, target: `${TOP}/deep/${name}.conf` },
    ],
  });
};

describeHost('mount points of services', () => {
  test('that systemd makes on the host go with the last service that has them, and none that was there before', async () => {
    await lab.sh('mkdir -p /srv/v-data "$1"', `${TOP}-before`);
    const [one, two] = ['v-one', 'v-two'].map((name) => new Deployment(`mount-${name}`, (host) => service(host, name)));
    await one?.apply();
    await two?.apply();
    expect(await there()).toContain(`${TOP}/deep/v-one.conf\n`);
    expect(await one?.differences()).toEqual([]);

    await one?.destroy();
    const inside = 'exec nsenter --mount --target "$(systemctl show -P MainPID v-two)" sh -c "$1"';
    await lab.sh('touch /srv/v-data/seen');
    expect(await lab.sh(inside, `ls ${TOP}/deep/data; cat ${TOP}/deep/v-two.conf`)).toBe('seen\nx\n');
    expect(await there()).toBe(
      [`${TOP}`, `${TOP}-before`, `${TOP}/deep`, `${TOP}/deep/data`, `${TOP}/deep/v-two.conf`, ''].join('\n'),
    );

    await two?.destroy();
    expect(await there()).toBe(`${TOP}-before\n`);
    expect(await lab.sh('ls /var/lib/bulkhead 2>/dev/null || true')).toBe('');
    await lab.sh('rm -r /srv/v-data; rmdir "$1"', `${TOP}-before`);
    for (const deployment of [one, two]) deployment?.cleanUp();
  });
});
