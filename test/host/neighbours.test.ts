import { ConfigFile, type Host, Image, PodmanService, SystemdService } from 'bulkhead';
import { bulkhead, start } from '../cli/command';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

describeHost('services beside others', () => {
  const made: Deployment[] = [];
  const deployment = (stack: string, build: (host: Host) => void) => {
    const next = new Deployment(stack, build);
    made.push(next);
    return next;
  };
  const apply = ({ directory }: Deployment) => bulkhead(['apply', '--auto-approve', '--bundle', directory]);
  let before: string;
  beforeAll(async () => {
    before = await inventory();
  });
  afterEach(async () => {
    for (const each of made.splice(0).reverse()) {
      await each.destroy();
      each.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });

  test('of another stack keep their files and units, also from who wants to adopt them', async () => {
    const one = deployment('ne-one', (host) => {
      new ConfigFile(host, 'ne-file', { path: '/etc/ne.conf', content: 'one\n' });
    });
    const two = deployment('ne-two', (host) => {
      new ConfigFile(host, 'ne-other', { path: '/etc/ne.conf', content: 'two\n' });
    });
    await one.apply();
    const said =
      'it belongs to the service "ne-file" of stack "ne-one" (ne-one/host/ne-file), not to "ne-other" of "ne-two"';
    const applied = await apply(two);
    expect(applied.code).toBe(1);
    expect(applied.stdout).toContain(said);
    expect(applied.stdout).not.toContain('adopt');
    const adopted = await bulkhead(['adopt', 'ne-other', '--auto-approve', '--bundle', two.directory]);
    expect(adopted.code).toBe(1);
    expect(adopted.stdout).toContain(said);
    await expect(two.apply()).rejects.toThrow(said);
    expect(await lab.sh('cat /etc/ne.conf')).toBe('one\n');
  });

  test('whose image can not be removed fail alone, and say which container uses it', async () => {
    const stack = deployment('ne-stack', (host) => {
      const image = Image.ociArchive(images().ociArchive);
      new PodmanService(host, 'ne-used', { image, stopTimeout: '1s' });
      new SystemdService(host, 'ne-unit', { command: ['/usr/bin/sleep', 'infinity'] });
    });
    await stack.apply();
    const image = (await lab.sh('podman inspect -f "{{.ImageName}}" ne-used')).trim();
    await lab.sh('podman create --name ne-by-hand "$1"', image);
    const destroy = () => bulkhead(['destroy', '--auto-approve', '--bundle', stack.directory]);
    try {
      const { code, stdout, stderr } = await destroy();
      expect(code).toBe(1);
      expect(stdout).toContain('Destroyed 1 of 2 services');
      expect(stdout + stderr).toMatch(/Cannot remove .*used by container ne-by-hand \(at ne-stack\/host\/ne-used\)/);
      expect(stdout + stderr).toContain('do: podman rm ne-by-hand');
      expect(await lab.sh('ls /var/lib/bulkhead/services; ls /etc/systemd/system/ne-* || true')).toBe('ne-used\n');
    } finally {
      await lab.sh('podman rm ne-by-hand');
    }
    expect((await destroy()).code).toBe(0);
  });

  test('of one stack that are applied for the first time by two at once are not taken for somebody else', async () => {
    const stack = deployment('ne-stack', (host) => {
      new ConfigFile(host, 'ne-file', { path: '/etc/ne.conf', content: 'x\n' });
    });
    // The second one lists records, and goes on once the first has written its file.
    await lab.sh(`
      cat > /usr/local/sbin/find <<'END'
#!/bin/sh
/usr/bin/find "$@"
code=$?
if [ "$1" = /var/lib/bulkhead/services ] && mkdir /run/ne-listed 2>/dev/null; then
  i=0; while [ ! -e /run/ne-listed/go-on ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
fi
exit $code
END
      chmod 755 /usr/local/sbin/find`);
    try {
      const second = start(['plan', '--bundle', stack.directory]);
      await lab.sh('timeout 60 sh -c "until [ -d /run/ne-listed ]; do sleep 0.1; done"');
      await stack.apply();
      await lab.sh('touch /run/ne-listed/go-on');
      expect((await second.finished).stdout).not.toContain('Bulkhead did not create');
    } finally {
      await lab.sh('rm -rf /usr/local/sbin/find /run/ne-listed');
    }
  });

  test('leave nothing of a file that was half written when its shell was killed', async () => {
    const [file, other] = ['ne-file', 'ne-other'].map((name) =>
      deployment('ne-stack', (host) => {
        new ConfigFile(host, name, { path: `/etc/${name}.d/conf`, content: 'x\n' });
      }),
    );
    await lab.sh(`
      printf '#!/bin/sh\\n/usr/bin/tar "$@"\\ncase " $* " in *" -x "*) [ ! -d /etc/ne-file.d ] || kill -KILL 0 ;; esac\\n' > /usr/local/sbin/tar
      chmod 755 /usr/local/sbin/tar`);
    try {
      await expect(file?.apply()).rejects.toThrow();
    } finally {
      await lab.sh('rm /usr/local/sbin/tar');
    }
    expect(await lab.sh('find /etc/ne-* -type f')).toBe('/etc/ne-file.d/.bulkhead-new/conf\n');
    await other?.apply();
    expect(await lab.sh('find /etc/ne-* /var/lib/bulkhead -type f')).not.toContain('.bulkhead-new');
    await other?.destroy();
    await lab.sh('rmdir /etc/ne-file.d 2>/dev/null || true');
  });
});
