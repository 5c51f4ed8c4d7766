import { PodmanVolume, SystemdService, User } from 'bulkhead';
import { observe } from '../../lib/engine';
import { describeHost, host, lab } from './host';
import { Deployment } from './synth';

jest.setTimeout(180_000);

const QUADLETS = '/home/f-shop/.config/containers/systemd';

describeHost('a user who is hostile to the look at the host', () => {
  let deployment: Deployment;
  const asUser = (script: string) =>
    lab.sh(`cd / && setpriv --reuid=f-shop --regid=f-shop --init-groups --reset-env sh -euc "cd; $1"`, script);
  /** What stands in the way of each service, and what is to be done. */
  const seen = async () =>
    Object.fromEntries(
      (await deployment.plan()).map(({ name, steps, obstacles }) => [
        name,
        [...obstacles.map(({ problem }) => problem), ...steps.map(({ verb, key }) => `${verb} ${key}`)],
      ]),
    );
  const nothing = { 'f-shop': [], 'f-data': [], 'f-unit': [] };

  beforeAll(async () => {
    deployment = new Deployment('forged-test', (host) => {
      const rootless = new User(host, 'f-shop');
      new PodmanVolume(host, 'f-data', { rootless, removalPolicy: 'destroy' });
      new SystemdService(host, 'f-unit', { command: ['/usr/bin/sleep', 'infinity'] });
    });
    await deployment.apply();
    await lab.sh('mkdir -p /srv/f-precious');
  });

  afterAll(async () => {
    await lab.sh('rm -rf /srv/f-precious /var/lib/bulkhead/services/f-odd*');
    await deployment.destroy();
    deployment.cleanUp();
  });

  test('can have no path removed by names and links with line breaks', async () => {
    await asUser(`
      cd ${QUADLETS}
      ln -s "$(printf 'x\\n/srv/f-precious\\tf-data-volume.service')" innocent
      ln -s "$(printf 'x\\n/etc/systemd/system/../../../srv/f-precious\\tf-data-volume.service')" innocent2
      touch "$(printf 'x\\n== units\\nNames=f-unit.service\\nActiveState=failed\\n== images')"
      mkdir -p ../../systemd/user.control
      ln -s "$(printf 'x\\n9 units\\n\\n')" ../../systemd/user.control/f-unit.service`);
    expect(await seen()).toEqual(nothing);
    await deployment.apply();
    expect(await lab.sh('ls -d /srv/f-precious')).toBe('/srv/f-precious\n');
    await asUser(`cd ${QUADLETS}; rm innocent innocent2 x*; rm -r ../../systemd/user.control`);
  });

  test('is overridden as that user, and not as root', async () => {
    const dropIn = `${QUADLETS}/f-data.volume.d`;
    await asUser(`mkdir ${dropIn}; ln -s /srv/f-precious ${dropIn}/x.conf`);
    expect(await seen()).toEqual({
      ...nothing,
      'f-data': [`remove ${dropIn}/x.conf`, 'restart f-data-volume.service'],
    });
    await asUser(`mv ${dropIn} /home/f-shop/away; ln -s /home/f-shop/away ${dropIn}`);
    await deployment.apply().catch(() => undefined);
    expect(await lab.sh('ls -d /srv/f-precious')).toBe('/srv/f-precious\n');
    await asUser(`rm -rf ${dropIn} /home/f-shop/away`);
    expect(await seen()).toEqual(nothing);
  });

  test('can make a file of its own as large as it likes, or no file', async () => {
    const quadlet = `${QUADLETS}/f-data.volume`;
    for (const change of [`truncate -s 600M ${quadlet}`, `rm ${quadlet}; mkfifo ${quadlet}`]) {
      await asUser(change);
      expect(await seen()).toEqual({ ...nothing, 'f-data': expect.arrayContaining([`write ${quadlet}`]) });
      await deployment.apply();
      expect(await seen()).toEqual(nothing);
    }
  });

  test('can stop its own systemd, which keeps nobody from looking at others', async () => {
    await lab.sh('kill -STOP "$(systemctl show -P MainPID "user@$(id -u f-shop).service")"');
    try {
      const late = /^the programs of f-shop did not answer within (?:[4-9]|1\d|20) seconds$/;
      expect(await seen()).toEqual({ ...nothing, 'f-data': [expect.stringMatching(late)] });
      await expect(deployment.apply()).rejects.toThrow(
        /^Cannot look at f-data on .*: the programs of f-shop did not answer/,
      );
    } finally {
      await lab.sh('kill -CONT "$(systemctl show -P MainPID "user@$(id -u f-shop).service")"');
    }
    expect(await seen()).toEqual(nothing);
  });

  test('can fill its directories, which keeps nobody from looking at others', async () => {
    await asUser(`
      cd ${QUADLETS}; name=$(printf '%0200d' 0)
      seq 35000 | sed "s/.*/$name&/" | xargs touch`);
    expect(await seen()).toEqual({
      ...nothing,
      'f-data': ['the answers of the programs of f-shop are larger than 8 MiB'],
    });
    await asUser(`find ${QUADLETS} -name '000*' -delete`);
    expect(await seen()).toEqual(nothing);
  });

  test('is not alone: what is no record among the records is passed over', async () => {
    await lab.sh(`
      cd /var/lib/bulkhead/services
      mkfifo f-odd-fifo; truncate -s 700M f-odd-large; echo '{"manifest":' > f-odd-cut; ln -s /dev/zero f-odd-link`);
    expect(await seen()).toEqual(nothing);
    const { records, damaged } = await observe(host(), { services: 'all' });
    expect([...records.keys()]).toEqual(expect.arrayContaining(['f-data', 'f-unit']));
    expect([...damaged.keys()].sort()).toEqual(['f-odd-cut', 'f-odd-fifo', 'f-odd-large', 'f-odd-link']);
    await lab.sh('rm /var/lib/bulkhead/services/f-odd-*');
  });
});
