import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerService, Image, NspawnMachine, PodmanService, Secret, SystemdService } from 'bulkhead';
import { TerraformVariable } from 'cdktf';
import { sampled } from './argv-sampler';
import { startDocker, stopDocker } from './docker/daemon';
import { EitherStack, RENDERINGS } from './either';
import { inventory, lab } from './host';
import { filesWith } from './planted';
import { type Build, describeTerraformOnHost } from './stack';
import { images } from './synth';

jest.setTimeout(300_000);

const planted = (name: string) => `planted-${name}-${randomBytes(12).toString('hex')}`;
const FILES = Array.from({ length: 17 }, (_, number) => `key-${number}`);
const USER = '1000';

/** How a service reads a secret, as the user that its program is. */
const READ: Readonly<Record<string, string>> = {
  'sc-unit':
    'nsenter -t $(systemctl show -P MainPID sc-unit) -m -S "$(stat -c %u /proc/$(systemctl show -P MainPID sc-unit))" cat /run/credentials/sc-unit.service/$1',
  'sc-box': 'podman exec sc-box cat /run/secrets/$1',
  'sc-dock': 'docker exec $(docker ps -q --filter name=sc-dock) cat /run/secrets/$1',
  'sc-machine': 'nsenter --all -t $(machinectl show -P Leader sc-machine) /bin/cat /run/secrets/$1',
};

describeTerraformOnHost('secrets', () => {
  describe.each(RENDERINGS)('of a stack, by %s,', (rendering) => {
    // Under Terraform, containers of docker need docker's own provider, which is not everywhere.
    const names = Object.keys(READ).filter((name) => rendering === 'bulkhead apply' || name !== 'sc-dock');
    const values = new Map<string, string>();
    let stack: EitherStack;
    let sources: string;
    let before: string;
    let isGone = false;

    const password = () => values.get('password') ?? '';
    const set = (name: string) => {
      const value = planted(name);
      values.set(name, value);
      if (name === 'password') process.env.SC_PASSWORD = value;
      else if (name === 'given') process.env.TF_VAR_given = value;
      else writeFileSync(join(sources, name), value);
    };
    const build: Build = (host, stack) => {
      const image = Image.ociArchive(images().ociArchive);
      const password = new Secret(host, 'password', { environmentVariable: 'SC_PASSWORD' });
      const token = new Secret(host, 'token', { command: ['cat', join(sources, 'token')] });
      const session = new Secret(host, 'session', { generate: { length: 40 } });
      const files = FILES.map((name) => new Secret(host, name, { file: join(sources, name) }));
      const given: Secret[] = [];
      if (rendering === 'terraform apply') {
        const variable = new TerraformVariable(stack, 'given', { sensitive: true });
        variable.addOverride('ephemeral', true);
        given.push(new Secret(host, 'given', { value: variable.stringValue }));
      }
      const common = { image, command: ['/bin/sleep', '100000'], stopTimeout: '1s' } as const;
      const command = ['/usr/bin/sleep', 'infinity'];
      new SystemdService(host, 'sc-unit', { command, secrets: [password, session, ...files, ...given] });
      new PodmanService(host, 'sc-box', { ...common, user: USER, secrets: [password, session] });
      if (names.includes('sc-dock'))
        new DockerService(host, 'sc-dock', { ...common, user: USER, secrets: [password, session] });
      new NspawnMachine(host, 'sc-machine', { ...common, secrets: [password, session] });
      new SystemdService(host, 'sc-other', { command, secrets: [token, session] });
    };
    const read = (service: string, secret: string) => lab.sh(READ[service] ?? '', secret);
    const invocations = async () => {
      const ids = await lab.sh('systemctl show -P InvocationID "$@"', ...names, 'sc-other');
      return ids.split('\n').filter(Boolean);
    };

    beforeAll(async () => {
      await startDocker();
      before = await inventory();
      sources = mkdtempSync(join(tmpdir(), 'bulkhead-sources-'));
      for (const name of ['password', 'token', ...FILES, ...(rendering === 'terraform apply' ? ['given'] : [])])
        set(name);
      stack = new EitherStack('sc-stack', rendering, { settleTime: '1s' });
    });
    afterAll(async () => {
      if (!isGone) await stack.destroy();
      rmSync(sources, { recursive: true });
      await stopDocker();
    });

    test('are in each service that has them, and in no argument of a process on the way', async () => {
      let applied: Awaited<ReturnType<EitherStack['deploy']>> | undefined;
      const { rounds, found } = await sampled([...values.values()], async () => {
        applied = await stack.deploy(build);
      });
      expect(applied).toMatchObject({ exitCode: 0 });
      expect({ found, many: rounds > 100 }).toEqual({ found: [], many: true });
      for (const name of names) expect([name, await read(name, 'password')]).toEqual([name, password()]);
      for (const name of FILES) expect(await read('sc-unit', name)).toBe(values.get(name));
      expect(await stack.differences()).toBe('');
    });

    test('are generated once for all services', async () => {
      const [session = '', ...others] = await Promise.all(names.map((name) => read(name, 'session')));
      expect(session).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(new Set(others)).toEqual(new Set([session]));
      values.set('session', session);
    });

    test('can be read by nobody else', async () => {
      const as =
        'for path; do setpriv --reuid=1000 --regid=1000 --clear-groups cat "$path" 2>/dev/null && exit 1; done; :';
      await lab.sh(as, '/var/lib/bulkhead-secrets/values/sc-box/password', '/run/credentials/sc-unit.service/password');
    });

    test('are in nothing that is written down or said', async () => {
      set('password');
      const said = (await stack.differences()) + (await stack.document()) + (await stack.deploy(build)).output;
      const secrets = [...values.values()];
      expect(secrets.length).toBeGreaterThanOrEqual(20);
      expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
      expect(said).toContain('secret:sc-unit/password has another value');
      expect(filesWith(secrets, stack.directory)).toEqual([]);
      const input = `${secrets.join('\n')}\n`;
      const search = async (script: string) => {
        const { stdout } = await lab.run(['sh', '-c', script], input);
        return stdout.toString();
      };
      const places =
        '/etc /root /run/systemd /run/bulkhead /run/containers /var/lib/bulkhead /var/lib/docker/containers /var/log /tmp';
      expect(
        await search(`cat >/tmp/planted; grep -rlsF -D skip -f /tmp/planted ${places} | grep -v '^/tmp/planted$'`),
      ).toBe('');
      expect(await search('cat >/dev/null; journalctl --no-pager --output=export | grep -acF -f /tmp/planted')).toBe(
        '0\n',
      );
      const shown = 'systemctl show --no-pager "*"; docker inspect $(docker ps -aq); podman inspect --all';
      expect(await search(`cat >/dev/null; { ${shown}; } 2>&1 | grep -cF -f /tmp/planted; rm /tmp/planted`)).toBe(
        '0\n',
      );
    });

    test('restart those services that have them when they change, and no others', async () => {
      const ids = await invocations();
      set('password');
      expect(await stack.deploy(build)).toMatchObject({ exitCode: 0 });
      const now = await invocations();
      const restarted = [...names, 'sc-other'].filter((_, index) => ids[index] !== now[index]);
      expect(restarted).toEqual(names);
      for (const name of names) expect([name, await read(name, 'password')]).toEqual([name, password()]);
      expect(await stack.differences()).toBe('');
    });

    test('that are changed, deleted or opened on the host show in words, and are written anew', async () => {
      const values = '/var/lib/bulkhead-secrets/values';
      await lab.sh(`cd ${values}; echo other > sc-unit/password; rm sc-box/password; chmod 0644 sc-machine/password`);
      const differences = await stack.differences();
      expect(differences).toContain('secret:sc-unit/password was changed on the host');
      expect(differences).toContain('secret:sc-box/password is missing');
      expect(differences).toContain('secret:sc-machine/password has mode 0644, expected 0400');
      expect(differences).not.toContain(password());
      expect(await stack.deploy(build)).toMatchObject({ exitCode: 0 });
      for (const name of names) expect([name, await read(name, 'password')]).toEqual([name, password()]);
      expect(await stack.differences()).toBe('');
    });

    test('that can not be read end the plan before anything is touched, or are kept where nothing changes', async () => {
      const ids = await invocations();
      delete process.env.SC_PASSWORD;
      const { exitCode, output } = await stack.deploy(build);
      // Terraform plans before it destroys, too, where no value is needed.
      expect(exitCode).toBe(rendering === 'terraform apply' ? 0 : 1);
      expect(output).toMatch(/Cannot write secret sc-\w+\/password.*the environment variable SC_PASSWORD is not set/);
      expect(await invocations()).toEqual(ids);
    });

    test('are gone with their services, also where they can not be read any more', async () => {
      await stack.destroy();
      isGone = true;
      expect(await inventory()).toBe(before);
      expect(await lab.sh('ls -d /var/lib/bulkhead-secrets 2>/dev/null || :')).toBe('');
    });
  });
});
