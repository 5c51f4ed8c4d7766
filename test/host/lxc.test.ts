import { ConfigFile, Image, LxcContainer } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { describeHost, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

const IDLE = ['/bin/sh', '-c', "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"] as const;

/** Waits until the unit is active again, and prints what its container answers. */
const ANSWER = `
for try in $(seq 100); do
  [ "$(systemctl is-active x-web)" != active ] || break
  sleep 0.1
done
systemctl is-active x-web
curl --silent --show-error --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:8075/`;

/** Runs a command in a container, as lxc-attach(1) finds it. */
const inside = (name: string, script: string) =>
  lab.sh('exec lxc-attach -n "$1" --clear-env -- /bin/sh -euc "$2"', name, script);

describeHost('a container of LXC', () => {
  const made = new MadeImages();
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    await lab.sh('mkdir -p /var/lib/x-data && echo kept > /var/lib/x-data/file && chown 7:8 /var/lib/x-data/file');
    before = await inventory();
    deployment = new Deployment('lxc', (host) => {
      const image = Image.ociArchive(images().ociArchive);
      const source = new ConfigFile(host, 'x-page', { path: '/etc/x-page/index.html', content: 'page\n' });
      new LxcContainer(host, 'x-web', { image, ports: ['8075:80'], stopTimeout: '1s' });
      const volumes = [
        { source, target: '/run/deep/page' },
        { source: '/var/lib/x-data', target: '/new/data' },
      ];
      const own = { network: 'none', stopSignal: 'SIGTERM' } as const;
      const health = { command: ['/bin/sh', '-c', 'test "$(id -u)" = 1000 && test -f /run/deep/page'] } as const;
      new LxcContainer(host, 'x-own', { image, command: IDLE, volumes, user: '1000', health, ...own });
      new LxcContainer(host, 'x-root', { image, command: IDLE, volumes, privileged: true, readOnlyRoot: false });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    made.cleanUp();
    expect(await inventory()).toBe(before);
    await lab.sh('rm -r /var/lib/x-data');
  });

  const answers = async (script: string) => {
    await lab.sh(`systemctl reset-failed x-web; ${script}`);
    expect(await lab.sh(ANSWER)).toBe('active\n<h1>It works</h1>\n');
    expect(await deployment.differences()).toEqual([]);
  };

  test('is listed by lxc-ls', async () => {
    const list = await lab.sh('lxc-ls -f -F NAME,STATE,UNPRIVILEGED');
    expect(list).toMatch(/^x-own +RUNNING +true/m);
    expect(list).toMatch(/^x-root +RUNNING +false/m);
  });

  test('is there again after its program was killed, and after lxc-start was, also while it starts', async () => {
    await answers('kill -KILL "$(lxc-info -n x-web -p -H)"; sleep 1');
    await answers('systemctl kill --kill-whom=main --signal KILL x-web; sleep 1');
    await answers(`for try in $(seq 6); do
      systemctl reset-failed x-web
      systemctl restart --no-block x-web
      sleep "0.0$try"
      systemctl kill --signal KILL x-web
    done`);
  });

  test('is there again after lxc-stop', () => answers('lxc-stop -n x-web -k; sleep 1'));

  test('sees the owners of its volume as they are, with users of its own', async () => {
    const owners = 'stat -c "%u:%g %n" /new/data/file';
    for (const name of ['x-own', 'x-root']) expect(await inside(name, owners)).toBe('7:8 /new/data/file\n');
    await inside('x-own', 'echo new > /new/data/new; chown 5 /new/data/new 2>/dev/null || :');
    expect(await lab.sh('stat -c "%u:%g" /var/lib/x-data/new; rm /var/lib/x-data/new')).toBe('0:0\n');
    const map = await lab.sh('cat "/proc/$(lxc-info -n x-own -p -H)/uid_map"');
    expect(map.trim().split(/ +/)).toEqual(['0', expect.stringMatching(/^1[89]\d{8}$|^2\d{9}$/), '65536']);
  });

  test('holds no capability, and can neither mount nor write to its root or the kernel', async () => {
    for (const name of ['x-own', 'x-web']) {
      const status = await lab.sh('cat "/proc/$(lxc-info -n "$1" -p -H)/status"', name);
      expect(status).toMatch(/^CapBnd:\t0{16}$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
    }
    const tried = 'mount -t tmpfs x /tmp || echo a; true > /x || echo b; echo 1 > /proc/sys/vm/drop_caches || echo c';
    const shown = await inside('x-web', `{ ${tried}; true > /tmp/x && echo written; } 2>/dev/null`);
    expect(shown).toBe('a\nb\nc\nwritten\n');
    expect(await inside('x-root', ': > /x; ls /x')).toBe('/x\n');
  });

  test('fails with the exit status of its program, but not when it ends as it was asked to', async () => {
    const image = Image.ociArchive(images().ociArchive);
    const failing = new Deployment('lxc-fails', (host) => {
      const props = { image, network: 'none', restart: 'no' } as const;
      new LxcContainer(host, 'x-three', { ...props, command: ['/bin/sh', '-c', 'exit 3'] });
      new LxcContainer(host, 'x-zero', { ...props, command: ['/bin/sh', '-c', 'exit 0'] });
    });
    await expect(failing.apply()).rejects.toThrow('x-three');
    const results = 'for name in x-three x-zero; do systemctl show -P Result "$name"; done';
    expect(await lab.sh(results)).toBe('exit-code\nsuccess\n');
    expect(await lab.sh('journalctl --sync; journalctl -u x-three -o cat')).toContain('ended with exit status 3');
    await failing.destroy();
    failing.cleanUp();
    expect(await lab.sh('systemctl restart x-own; systemctl stop x-own; systemctl show -P Result x-own')).toBe(
      'success\n',
    );
    await lab.sh('systemctl start x-own');
  });

  test('does not follow a link of its image to a place of the host', async () => {
    const link = tarOf([{ path: 'out', flag: '2', target: '/var/lib/x-data' }]);
    const image = made.of([await MadeImages.busybox(), link]);
    const escaping = new Deployment('lxc-link', (host) => {
      const props = { image, privileged: true, network: 'none', restart: 'no' } as const;
      new LxcContainer(host, 'x-link', { ...props, volumes: ['/srv:/out/made'] });
      new LxcContainer(host, 'x-link-memory', { ...props, tmpfs: ['/out/made'] });
    });
    await expect(escaping.apply()).rejects.toThrow('x-link');
    for (const unit of ['x-link', 'x-link-memory'])
      expect(await lab.sh('journalctl --sync; journalctl -u "$1" -o cat', unit)).toContain(
        'out is a link in the image',
      );
    expect(await lab.sh('ls /var/lib/x-data')).toBe('file\n');
    await escaping.destroy();
    escaping.cleanUp();
  });

  test('does not touch a container that somebody else made, of its name or another', async () => {
    await lab.sh('mkdir -p /var/lib/lxc/x-theirs && echo "lxc.uts.name = theirs" > /var/lib/lxc/x-theirs/config');
    const image = Image.ociArchive(images().ociArchive);
    const same = new Deployment('lxc-same', (host) => {
      new LxcContainer(host, 'x-theirs', { image, network: 'none' });
    });
    await expect(same.apply()).rejects.toThrow('/var/lib/lxc/x-theirs/config');
    same.cleanUp();
    expect(await lab.sh('cat /var/lib/lxc/x-theirs/config; rm -r /var/lib/lxc/x-theirs')).toBe(
      'lxc.uts.name = theirs\n',
    );
  });
});
