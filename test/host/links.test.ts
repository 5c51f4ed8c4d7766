import { ConfigFile, type ConfigFileProps, type Host, SystemdService, User } from 'bulkhead';
import { type ApplyResult, apply } from '../../lib/engine';
import { describeHost, host, inventory, lab } from './host';
import { Deployment } from './synth';

jest.setTimeout(120_000);

const HOME = '/home/li-user';

/** Runs a shell script as the user who means harm. */
const asUser = (script: string) =>
  lab.sh('cd /; exec setpriv --reuid=li-user --regid=li-user --clear-groups sh -euc "$1"', script);

describeHost('what root writes below a directory of somebody else', () => {
  let before: string;
  const made: Deployment[] = [];
  /** One file for each of the props, and one that nobody is in the way of. */
  const files = (...all: readonly Partial<ConfigFileProps>[]) => {
    const next = new Deployment('li-stack', (onHost: Host) => {
      new ConfigFile(onHost, 'li-free', { path: '/etc/li-free.conf', content: 'free\n' });
      for (const [index, props] of all.entries())
        new ConfigFile(onHost, `li-${index}`, { path: `${HOME}/app/conf.d/settings.conf`, content: 'x\n', ...props });
    });
    made.push(next);
    return next;
  };
  const applied = (deployment: Deployment): Promise<ApplyResult> =>
    apply(host(), { manifests: deployment.manifests, remove: [] }, { asset: () => '' });
  const removed = (deployment: Deployment): Promise<ApplyResult> =>
    apply(host(), { manifests: [], remove: deployment.manifests.map(({ name }) => name) }, { asset: () => '' });
  const said = (result: ApplyResult) => [...result].map(([name, error]) => `${name} ${error?.shortMessage ?? 'ok'}`);

  beforeAll(async () => {
    before = await inventory();
    await lab.sh(`
      useradd --create-home li-user; useradd --system li-other
      mkdir -p /srv/li-target; echo mine > /srv/li-target/mine`);
  });
  beforeEach(() => asUser(`mkdir -p ${HOME}/app/conf.d`));
  afterEach(async () => {
    await lab.sh(`rm -rf ${HOME}/app /tmp/li-app`);
    for (const each of made.splice(0)) {
      await each.destroy();
      each.cleanUp();
    }
    expect(await lab.sh('cat /srv/li-target/*; ls /srv/li-target /var/lib/bulkhead 2>/dev/null || true')).toBe(
      'mine\n/srv/li-target:\nmine\n',
    );
  });
  afterAll(async () => {
    await lab.sh('userdel -r li-user 2>/dev/null; userdel li-other; rm -r /srv/li-target');
    expect(await inventory()).toBe(before);
  });

  test('does not follow a link in the place of a directory, and what is elsewhere is applied', async () => {
    await asUser(`cd ${HOME}/app; rmdir conf.d; ln -s /srv/li-target conf.d`);
    expect(said(await applied(files({ owner: 'li-user', group: 'li-user' })))).toEqual([
      'li-free ok',
      expect.stringContaining(
        `li-0 Cannot write ${HOME}/app/conf.d/settings.conf on ${host().address}: ${HOME}/app/conf.d is a link that li-user can change, expected a directory`,
      ),
    ]);
    expect(await lab.sh('cat /etc/li-free.conf; ls /srv/li-target')).toBe('free\nmine\n');
  });

  test('is not led astray by a directory and a link that are exchanged all the time', async () => {
    await asUser(`ln -s /srv/li-target ${HOME}/app/link`);
    await lab.sh(`
      systemd-run --quiet --unit=li-race --uid=li-user --working-directory=${HOME}/app perl -e '
        while (1) {
          rename "conf.d", "was"; rename "link", "conf.d"; rename "conf.d", "link"; rename "was", "conf.d";
          next unless rename "conf.d/.bulkhead-new", "conf.d/staged";
          symlink "/srv/li-target", "conf.d/.bulkhead-new"; unlink "conf.d/.bulkhead-new";
          rename "conf.d/staged", "conf.d/.bulkhead-new";
        }' 2>/dev/null`);
    const outcomes = new Set<string>();
    try {
      for (let round = 0; round < 15; round++) {
        const result = said(await applied(files({ owner: 'li-user', group: 'li-user', content: `${round}\n` })));
        expect(result[0]).toBe('li-free ok');
        outcomes.add(result[1]?.includes(' ok') ? 'written' : 'refused');
        expect(await lab.sh('ls -A /srv/li-target')).toBe('mine\n');
      }
    } finally {
      await lab.sh('systemctl stop li-race; systemctl reset-failed li-race 2>/dev/null || true');
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });

  test('removes nothing that a link leads to, and says what is in the way', async () => {
    const deployment = files({ owner: 'li-user', group: 'li-user' });
    expect(said(await applied(deployment))).toEqual(['li-free ok', 'li-0 ok']);
    await lab.sh(`echo precious > /srv/li-target/settings.conf`);
    await asUser(`cd ${HOME}/app; mv conf.d was; ln -s /srv/li-target conf.d`);
    expect(said(await removed(deployment))).toEqual([
      'li-free ok',
      expect.stringContaining(`li-0 Cannot remove ${HOME}/app/conf.d/settings.conf`),
    ]);
    expect(await lab.sh('cat /srv/li-target/settings.conf')).toBe('precious\n');
    await lab.sh('rm /srv/li-target/settings.conf');
    await asUser(`cd ${HOME}/app; rm conf.d; mv was conf.d`);
    expect(said(await removed(deployment))).toEqual(['li-free ok', 'li-0 ok']);
  });

  test('belongs to whom it should, whoever the directory belongs to', async () => {
    const path = (name: string) => `${HOME}/app/new/${name}`;
    await applied(
      files(
        { path: path('root'), mode: '0600' },
        { path: path('user'), owner: 'li-user', group: 'li-user', mode: '4750' },
        { path: path('other'), owner: 'li-other', group: 'adm', mode: '0640' },
        { path: path('sub/deep er/file'), content: 'y'.repeat(60_000) },
      ),
    );
    expect(await lab.sh(`cd ${HOME}; find app -printf '%m %u:%g %p\\n' | sort -k 3`)).toBe(
      [
        '755 li-user:li-user app',
        '755 li-user:li-user app/conf.d',
        '755 li-user:li-user app/new',
        '640 li-other:adm app/new/other',
        '600 root:root app/new/root',
        '755 li-user:li-user app/new/sub',
        '755 li-user:li-user app/new/sub/deep er',
        '644 root:root app/new/sub/deep er/file',
        '4750 li-user:li-user app/new/user',
        '',
      ].join('\n'),
    );
    expect(await made[0]?.differences()).toEqual([]);
    await made[0]?.destroy();
    expect(await lab.sh(`find ${HOME}/app`)).toBe(`${HOME}/app\n${HOME}/app/conf.d\n`);
  });

  test('follows links that root made, also to where somebody else is', async () => {
    await lab.sh(`ln -s ../..${HOME}/app /srv/li-link`);
    try {
      expect(said(await applied(files({ path: '/srv/li-link/a/file' }, { path: '/var/run/li/file' })))).toEqual([
        'li-free ok',
        'li-0 ok',
        'li-1 ok',
      ]);
      expect(await lab.sh(`stat -c %U ${HOME}/app/a ${HOME}/app/a/file; cat /run/li/file`)).toBe('li-user\nroot\nx\n');
      await made[0]?.destroy();
      expect(await lab.sh(`ls ${HOME}/app; ls -d /run/li 2>/dev/null || true`)).toBe('conf.d\n');
    } finally {
      await lab.sh('rm /srv/li-link');
    }
  });

  test('does not lie where a third one may change it', async () => {
    await asUser('mkdir -m 777 /tmp/li-app');
    const props = { path: '/tmp/li-app/file', group: 'root' };
    expect(said(await applied(files({ ...props, owner: 'li-user' })))).toEqual(['li-free ok', 'li-0 ok']);
    expect(said(await applied(files({ ...props, owner: 'li-other' })))[1]).toContain(
      '/tmp/li-app belongs to li-user, expected',
    );
  });

  test('is refused before anything is written when the host does not know its owner or group', async () => {
    expect(
      said(await applied(files({ owner: 'li-nobody' }, { path: `${HOME}/app/conf.d/other`, group: 'li-nobody' }))),
    ).toEqual([
      'li-free ok',
      expect.stringContaining('the host has no user "li-nobody"'),
      expect.stringContaining('the host has no group "li-nobody"'),
    ]);
    expect(await lab.sh(`ls ${HOME}/app/conf.d /var/lib/bulkhead/services`)).toBe(
      `${HOME}/app/conf.d:\n\n/var/lib/bulkhead/services:\nli-free\n`,
    );
  });

  test('is no mount point that a link leads to', async () => {
    const deployment = new Deployment('li-stack', (onHost: Host) => {
      const volumes = [{ source: '/etc', target: `${HOME}/app/conf.d/seen` }];
      new SystemdService(onHost, 'li-mount', { command: ['/usr/bin/sleep', 'infinity'], volumes });
    });
    made.push(deployment);
    await deployment.apply();
    await lab.sh('mkdir /srv/li-target/seen');
    await asUser(`cd ${HOME}/app; mv conf.d was; ln -s /srv/li-target conf.d`);
    await deployment.destroy();
    await lab.sh('rmdir /srv/li-target/seen');
  });

  test('is no home of a user who is to be made', async () => {
    const deployment = new Deployment('li-stack', (onHost: Host) => {
      new User(onHost, 'li-new', { home: `${HOME}/app/home` });
    });
    made.push(deployment);
    await expect(deployment.apply()).rejects.toThrow(`users other than root can change ${HOME}/app`);
    expect(await lab.sh('getent passwd li-new || true')).toBe('');
  });
});
