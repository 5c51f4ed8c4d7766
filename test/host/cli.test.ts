import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Image, NspawnMachine, PodmanService } from 'bulkhead';
import type { Manifest } from '../../lib/manifest';
import { bulkhead, directory, start } from '../cli/command';
import { ADDRESS, describeHost, inventory, LAB_NAME, lab } from './host';
import { Deployment, images } from './synth';

const STACK = 'cli-test';
const unitPath = (name: string) => `/etc/systemd/system/${name}.service`;

/** A service of one unit file that only sleeps. */
function sleeper(name: string, lines: readonly string[] = []): Manifest {
  const content = [
    '[Service]',
    'ExecStart=/usr/bin/sleep infinity',
    ...lines,
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ];
  return {
    name,
    stack: STACK,
    path: `${STACK}/host/${name}`,
    runtime: 'systemd',
    files: { [unitPath(name)]: { content: content.join('\n'), mode: '0644', owner: 'root', group: 'root' } },
    objects: {},
    units: { [`${name}.service`]: { state: 'active', enabled: true, restartOn: [unitPath(name)] } },
  };
}

/** A bundle with these services on the practice host, as synthesis writes it. */
function bundle(manifests: readonly Manifest[], otherHosts: readonly unknown[] = []): string {
  const files = manifests.flatMap((manifest) =>
    Object.entries(manifest.files).map(([path, { content }]) => [join('host', path), content]),
  );
  const index = manifests.map((manifest) => ({
    ...manifest,
    files: Object.fromEntries(Object.entries(manifest.files).map(([path, { content, ...rest }]) => [path, rest])),
  }));
  const hosts = [{ id: 'host', path: `${STACK}/host`, address: ADDRESS, manifests: index }, ...otherHosts];
  return directory({ ...Object.fromEntries(files), 'bundle.json': { stack: STACK, hosts } });
}

const plan = (path: string) => bulkhead(['plan', '--detailed-exitcode', '--bundle', path]);
const apply = (path: string) => bulkhead(['apply', '--auto-approve', '--bundle', path]);
const destroy = (path: string) => bulkhead(['destroy', '--auto-approve', '--bundle', path]);

describeHost('bulkhead', () => {
  afterEach(async () => {
    await destroy(bundle([]));
  });

  test('plans, applies, shows and destroys, and leaves the host as it was', async () => {
    const before = await inventory();
    const path = bundle([sleeper('c-one'), sleeper('c-two')]);
    const planned = await plan(path);
    expect(planned.stdout.split('\n')).toEqual([
      expect.stringMatching(`^${STACK} on ${ADDRESS} \\(.*systemd \\d+\\)$`),
      '  + c-one  create  write 1 file, enable, start',
      '  + c-two  create  write 1 file, enable, start',
      '2 of 2 to change: 2 to create. Nothing has been touched.',
      '',
    ]);
    expect(planned.code).toBe(2);
    expect(await inventory()).toBe(before);

    const applied = await apply(path);
    expect(applied.stdout).toMatch(/\nApplied 2 services in [\d.]+ s; a second plan is empty\.\n$/);
    expect(applied).toMatchObject({ stderr: '', code: 0 });
    expect((await plan(path)).stdout).toMatch(/\n {2}no changes\nNo changes: 2 services match\.\n$/);
    expect((await plan(path)).code).toBe(0);

    const { stdout } = await bulkhead(['status', '--bundle', path]);
    expect(stdout).toMatch(/^cli-test on .*\n {2}Debian .*, cgroup v[12], systemd \d+, podman [\d.]+, /);
    expect(stdout).toMatch(/\n {2}c-one {2}systemd {2}active {2}[\d.]+ s +\d/);

    const destroyed = await destroy(path);
    expect(destroyed.stdout).toMatch(
      /\nDestroyed 2 services in [\d.]+ s; nothing is left of them, except for data in volumes and state directories\.\n$/,
    );
    expect(await inventory()).toBe(before);
  });

  test('a change to a native file of the bundle is shown line by line, applied, and runs', async () => {
    const path = bundle([sleeper('c-one')]);
    await apply(path);
    const file = join(path, 'host', unitPath('c-one'));
    writeFileSync(file, readFileSync(file, 'utf8').replace('infinity', '1000000'));
    expect((await plan(path)).stdout.split('\n').slice(1, -2)).toEqual([
      '  ~ c-one  restart  c-one.service: Service.ExecStart /usr/bin/sleep infinity -> /usr/bin/sleep 1000000',
    ]);
    expect((await apply(path)).code).toBe(0);
    expect(await lab.sh('cat /proc/$(systemctl show -P MainPID c-one)/cmdline')).toBe('/usr/bin/sleep\x001000000\x00');
  });

  test.each([
    [
      'edited',
      `sed -i s/infinity/99999/ ${unitPath('c-one')}`,
      'restart  c-one.service: Service.ExecStart /usr/bin/sleep 99999 -> /usr/bin/sleep infinity',
    ],
    ['commented', `echo '# x' >> ${unitPath('c-one')}`, `reload  ${unitPath('c-one')} content differs`],
    ['chmod-ed', `chmod 600 ${unitPath('c-one')}`, `repair  ${unitPath('c-one')} mode is 0600, expected 0644`],
    ['deleted', `rm ${unitPath('c-one')}`, `restart  ${unitPath('c-one')} is missing`],
    ['stopped', 'systemctl stop c-one', 'start  c-one.service is inactive'],
    ['disabled', 'systemctl disable --quiet c-one', 'repair  c-one.service is disabled'],
  ])('what was %s behind its back is found and repaired', async (_, damage, line) => {
    const path = bundle([sleeper('c-one')]);
    await apply(path);
    await lab.sh(damage);
    const { stdout, code } = await plan(path);
    expect(stdout).toContain(`  ! c-one  ${line}\n`);
    expect(code).toBe(2);
    expect((await apply(path)).code).toBe(0);
    expect((await plan(path)).code).toBe(0);
  });

  test('diff is a plan, or Markdown with the files of the services', async () => {
    const path = bundle([sleeper('c-one')]);
    expect((await bulkhead(['diff', '--bundle', path])).stdout).toBe((await plan(path)).stdout);
    const { stdout, code } = await bulkhead(['diff', '--markdown', '--detailed-exitcode', '--bundle', path]);
    expect(stdout).toMatch(/^### Bulkhead: 1 of 1 to change: 1 to create\.\n\n\| {2}\| Service \|/);
    expect(stdout).toContain(`| \`c-one\` | \`${STACK} on ${ADDRESS}\` | create | write 1 file, enable, start |`);
    expect(stdout).toContain('\n```diff\n+[Service]\n+ExecStart=/usr/bin/sleep infinity\n');
    expect(code).toBe(2);
  });

  test('a service that the bundle no longer has is planned for destruction, and destroyed', async () => {
    await apply(bundle([sleeper('c-one'), sleeper('c-two')]));
    const smaller = bundle([sleeper('c-one')]);
    expect((await plan(smaller)).stdout).toContain(
      '  - c-two  destroy  stop, disable, remove 1 file\n1 of 2 to change',
    );
    expect((await apply(smaller)).code).toBe(0);
    expect(await lab.sh(`test ! -e ${unitPath('c-two')} && systemctl show -P ActiveState c-two`)).toBe('inactive\n');
  });

  test('a host that cannot be planned does not stop the others, unless something foreign is in their way', async () => {
    const other = { id: 'other', path: `${STACK}/other`, address: 'ssh://root@127.0.0.1:1', manifests: [] };
    const refused = await apply(bundle([sleeper('c-one'), sleeper('ssh')], [other]));
    expect(refused.stdout).toMatch(/Nothing has been touched\.\n$/);
    expect((await lab.run(['test', '-e', unitPath('c-one')])).exitCode).toBe(1);
    const { stdout, stderr, code } = await apply(bundle([sleeper('c-one')], [other]));
    expect(stdout).toContain('  + c-one  create  ');
    expect(stderr).toMatch(/^Cannot reach .* \(at cli-test\/other\)/);
    expect(code).toBe(1);
    expect((await lab.run(['test', '-e', unitPath('c-one')])).exitCode).toBe(0);
  });

  test('nothing is touched when something foreign is in the way', async () => {
    const { stdout, code } = await apply(bundle([sleeper('c-one'), sleeper('ssh')]));
    expect(stdout).toContain("  + ssh    create  can't be applied\n      Cannot create ssh.service: ");
    expect(stdout).toContain(
      `(at ${STACK}/host/ssh)\n        do: give the service another \`name\`, or set \`adopt: true\``,
    );
    expect(stdout).toContain('\n        or: bulkhead adopt ssh\n');
    expect(code).toBe(1);
    expect((await lab.run(['test', '-e', unitPath('c-one')])).exitCode).toBe(1);
  });

  test('a service that does not come up is one error with its log, and the others are applied', async () => {
    const broken = sleeper('c-broken', ['ExecStartPre=/usr/bin/sh -c "echo out of oranges; exit 3"']);
    const path = bundle([sleeper('c-one'), broken]);
    const { stdout, stderr, code } = await apply(path);
    expect(stdout).toMatch(/\nApplied 1 of 2 services in [\d.]+ s, 1 failed\.\n$/);
    expect(stderr).toMatch(/^Cannot start c-broken\.service on .* \(at cli-test\/host\/c-broken\)\n/);
    expect(stderr).toContain('out of oranges');
    expect(code).toBe(1);

    const document = JSON.parse((await bulkhead(['apply', '--json', '--auto-approve', '--bundle', path])).stdout);
    const [one, failed] = document.hosts[0].services;
    expect(one).toMatchObject({ name: 'c-one', action: 'none', result: 'unchanged' });
    expect(failed).toMatchObject({ name: 'c-broken', result: 'failed', error: { message: expect.any(String) } });
  });

  test('Ctrl-C while a service starts says where things stand, and applying again converges', async () => {
    const path = bundle([sleeper('c-slow', ['ExecStartPre=/usr/bin/sleep 6'])]);
    const { child, finished } = start(['apply', '--auto-approve', '--bundle', path]);
    for (let state = ''; state !== 'activating\n'; await sleep(100))
      state = await lab.sh('systemctl show -P ActiveState c-slow');
    child.kill('SIGINT');
    const { stderr, code } = await finished;
    expect(stderr).toContain(
      'Interrupted: some services may be between two states, run the command again to go on applying',
    );
    expect(code).toBe(130);
    expect((await apply(path)).code).toBe(0);
    expect((await plan(path)).code).toBe(0);
  });

  test('status --host shows what runs there of whatever stack', async () => {
    await apply(bundle([sleeper('c-one')]));
    const { stdout, code } = await bulkhead(['status', '--json', '--host', ADDRESS]);
    const [host] = JSON.parse(stdout).hosts;
    expect(host.address).toBe(ADDRESS);
    expect(host.facts).toMatchObject({ os: expect.stringMatching(/^Debian/), programs: { ip: '' } });
    expect(host.services).toContainEqual({
      stack: STACK,
      name: 'c-one',
      path: `${STACK}/host/c-one`,
      runtime: 'systemd',
      state: 'active',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      memory: expect.any(Number),
      restarts: 0,
    });
    expect(code).toBe(0);
  });
});

describeHost('bulkhead adopt', () => {
  const adopt = (path: string, ...services: readonly string[]) =>
    bulkhead(['adopt', ...services, '--auto-approve', '--bundle', path]);

  /** Makes a unit by hand, and starts it. */
  const handMade = (manifest: Manifest) =>
    lab.sh(
      'printf %s "$2" > "$1"; systemctl daemon-reload; systemctl --quiet enable --now "$3"',
      unitPath(manifest.name),
      manifest.files[unitPath(manifest.name)]?.content ?? '',
      manifest.name,
    );
  const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);

  test('takes a unit over: it goes on running where nothing differs, and restarts where something does', async () => {
    const before = await inventory();
    await handMade(sleeper('c-same'));
    await handMade(sleeper('c-other', ['Environment=A=1']));
    const [same, other] = [await invocation('c-same'), await invocation('c-other')];
    const path = bundle([sleeper('c-same'), sleeper('c-other'), sleeper('c-new')]);
    expect((await apply(path)).code).toBe(1);

    const { stdout, stderr, code } = await adopt(path, 'c-same', 'c-other');
    expect(stdout).toContain('  + c-same   create  take over unchanged\n');
    expect(stdout).toContain('  + c-other  create  write 1 file, restart\n');
    expect(stdout).toMatch(/\nAdopted 2 services in [\d.]+ s; a second plan is empty\.\n$/);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(await invocation('c-same')).toBe(same);
    expect(await invocation('c-other')).not.toBe(other);
    // Nothing but what was named: the third one is still to be created.
    expect((await plan(path)).stdout.split('\n').slice(1, -1)).toEqual([
      '  + c-new  create  write 1 file, enable, start',
      '1 of 3 to change: 1 to create. Nothing has been touched.',
    ]);
    expect((await destroy(path)).code).toBe(0);
    expect(await inventory()).toBe(before);
  });

  test('takes a Quadlet file and a machine over that are as wanted, and both go on running', async () => {
    const before = await inventory();
    const deployment = new Deployment(STACK, (host) => {
      const { ociArchive, tar } = images();
      new PodmanService(host, 'c-box', { image: Image.ociArchive(ociArchive), stopTimeout: '1s' });
      new NspawnMachine(host, 'c-machine', {
        image: Image.tar(tar),
        command: ['/bin/sleep', '100000'],
        stopTimeout: '1s',
      });
    });
    const units = ['c-box.service', ...Object.keys(deployment.manifests[1]?.units ?? {})];
    await deployment.apply();
    // Without its records it is what somebody would have made who read the manual.
    await lab.sh('rm -r /var/lib/bulkhead/services/c-box /var/lib/bulkhead/services/c-machine');
    const running = await Promise.all(units.map(invocation));
    expect((await plan(deployment.directory)).stdout).toContain("2 services can't be applied");

    const { stderr, code } = await adopt(deployment.directory, 'c-*');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(await Promise.all(units.map(invocation))).toEqual(running);
    expect(await deployment.differences()).toEqual([]);
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });
});

describeHost('bulkhead lab', () => {
  test('status says how it is reached', async () => {
    const { stdout, code } = await bulkhead(['lab', 'status', '--name', LAB_NAME, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      name: LAB_NAME,
      state: 'running',
      info: { address: expect.stringMatching(/^10\./) },
    });
    expect(code).toBe(0);
  });

  test('ssh passes a command on, with its options, and its exit code back', async () => {
    expect(await bulkhead(['lab', 'ssh', '--name', LAB_NAME, 'uname', '--kernel-name'])).toMatchObject({
      stdout: 'Linux\n',
      code: 0,
    });
    expect((await bulkhead(['lab', 'ssh', '--name', LAB_NAME, '--', 'exit 7'])).code).toBe(7);
  });

  test('status lists all labs, and those of a pattern', async () => {
    const names = async (...options: readonly string[]) =>
      JSON.parse((await bulkhead(['lab', 'status', ...options, '--json'])).stdout).map(
        (lab: { name: string }) => lab.name,
      );
    expect(await names()).toContain(LAB_NAME);
    expect(await names('--name', `${LAB_NAME}*`)).toContain(LAB_NAME);
    expect(await names('--name', 'never*')).toEqual([]);
    for (const command of ['status', 'down']) {
      expect((await bulkhead(['lab', command, '--name', 'never*'])).stdout).toBe('No lab matches "never*".\n');
    }
    const env = { BULKHEAD_LAB_HOME: directory({}) };
    expect((await bulkhead(['lab', 'status'], { env })).stdout).toBe('There is no lab.\n  do: bulkhead lab up\n');
  });

  test('status of one that was never started shows the way there', async () => {
    const { stdout, code } = await bulkhead(['lab', 'status', '--name', 'never']);
    expect(stdout).toBe('Lab "never" is absent.\n  do: bulkhead lab up --name never\n');
    expect(code).toBe(0);
  });
});
