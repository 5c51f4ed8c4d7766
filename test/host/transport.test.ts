import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemdService } from 'bulkhead';
import { apply, observe, planService } from '../../lib/engine';
import { labPaths } from '../../lib/lab/paths';
import { initPid } from '../../lib/lab/processes';
import { connect, type Transport, TransportError } from '../../lib/transport';
import { transportContract, UniqueSleep } from '../transport/contract';
import { ADDRESS, describeHost, host, LAB_NAME, lab } from './host';
import { Deployment } from './synth';

describeHost('a host over ssh', () => {
  transportContract('ssh', () => connect({ address: ADDRESS }), { longestArgument: 64 << 10 });
});

describeHost('a host over ssh, for a user with sudo', () => {
  const user = 'transport-user';
  const order = { address: ADDRESS, sshOptions: [`User=${user}`] };
  const sudoers = (rule: string) => lab.sh(`printf '%s\\n' "$1" >/etc/sudoers.d/${user}`, rule);
  const allow = () => sudoers(`${user} ALL=(root) NOPASSWD: ALL`);
  /** What of the user's connections is there on the host. */
  const processes = () =>
    lab.sh(`ps -eo user:32=,args= | grep -e '^${user} .*[s]shd' -e '[ ]bulkhead-supervisor ' -e '[s]udo -n' || :`);
  let others: string;
  let transport: Transport;

  beforeAll(async () => {
    await lab.sh(`useradd --create-home --shell /bin/bash ${user}
      install -d -o ${user} -m 700 /home/${user}/.ssh
      install -o ${user} -m 600 /root/.ssh/authorized_keys /home/${user}/.ssh/`);
    others = await processes();
  });
  beforeEach(async () => {
    await allow();
    transport = connect(order);
  });
  afterEach(() => transport.close());
  afterAll(async () => {
    await lab.sh(`loginctl terminate-user ${user} || :
      while pkill -KILL --uid ${user}; do sleep 0.1; done
      userdel --remove ${user} 2>/dev/null; rm /etc/sudoers.d/${user}`);
  });

  transportContract('sudo over ssh', () => connect(order), { longestArgument: 64 << 10 });

  test('is one login for all commands', async () => {
    const logins = () => lab.sh(`journalctl --unit=ssh --output=cat | grep -c "Accepted publickey for ${user}" || :`);
    const before = Number(await logins());
    await Promise.all(Array.from({ length: 20 }, () => transport.run(['true'])));
    expect(Number(await logins())).toBe(before + 1);
  });

  test('leaves nothing behind when our process is killed', async () => {
    const sleep = new UniqueSleep(host());
    const client = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(__dirname, '..', 'transport', 'crashing-client.ts'),
        JSON.stringify({ ...order, argv: sleep.argv('"$@"; "$@"') }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(client.stdout, 'data');
    await sleep.seen(1);
    expect(await processes()).not.toBe(others);
    client.kill('SIGKILL');
    await sleep.seen(0);
    while ((await processes()) !== others);
  });

  test('ends the command and the connection when the supervisor is told to end', async () => {
    const sleep = new UniqueSleep(host());
    const running = transport.run(sleep.argv('"$@"; "$@"'));
    running.catch(() => {});
    await sleep.seen(1);
    await lab.sh('pkill --oldest --full "^sh -c .* bulkhead-supervisor 60 [0-9]+ sudo "');
    await expect(running).rejects.toThrow(`Cannot reach "${ADDRESS}": the connection was lost while a command ran`);
    expect(await sleep.count()).toBe(0);
    expect((await transport.run(['echo', 'again'])).stdout.toString()).toBe('again\n');
  });

  const rule = `Add to sudoers there, by visudo -f /etc/sudoers.d/bulkhead: ${user} ALL=(root) NOPASSWD: ALL; or log in as root`;

  test.each([
    ['asks for a password', `${user} ALL=(root) ALL`, `sudo asks "${user}" for a password`, rule],
    ['is not for him', '', `sudo asks "${user}" for a password`, rule],
    [
      'allows some commands',
      `${user} ALL=(root) NOPASSWD: ALL, !/usr/bin/setsid`,
      `sudo lets "${user}" run only some commands`,
      rule,
    ],
    [
      'wants a terminal',
      `Defaults requiretty\n${user} ALL=(root) NOPASSWD: ALL`,
      `sudo asks "${user}" for a terminal`,
      `Add to sudoers there, by visudo -f /etc/sudoers.d/bulkhead: Defaults:${user} !requiretty; or log in as root`,
    ],
  ])('sudo that %s is an error that says the way out', async (_, rules, what, advice) => {
    await sudoers(rules);
    await expectError(transport, { message: `Cannot become root on "${ADDRESS}": ${what}`, advice });
    await allow();
    expect((await transport.run(['true'])).exitCode).toBe(0);
  });

  test('a host without sudo is an error that says the way out', async () => {
    const bin = `/home/${user}/bin`;
    await lab.sh(`mkdir ${bin}; ln -s /bin/sh /bin/id ${bin}; echo PATH=${bin} >/home/${user}/.bashrc`);
    await expectError(transport, {
      message: `Cannot become root on "${ADDRESS}": "${user}" is not root, and sudo is not installed`,
      advice:
        'Install it there (apt-get install sudo), then add to sudoers by visudo: ' +
        `${user} ALL=(root) NOPASSWD: ALL; or log in as root`,
    });
    await lab.sh(`rm -r ${bin} /home/${user}/.bashrc`);
  });
});

/** A machine can only be entered from the host that runs it: there we go first, for the tools that do it. */
describeHost(`a machine on ${ADDRESS}`, () => {
  const name = 'transport-machine';
  const address = `machine://${name}`;
  const tools = mkdtempSync(join(tmpdir(), 'machine-tools-'));
  const path = process.env.PATH;
  const inMachine = () => connect({ address });

  beforeAll(async () => {
    const pid = await initPid(labPaths(LAB_NAME));
    for (const tool of ['machinectl', 'nsenter']) {
      const file = join(tools, tool);
      writeFileSync(file, `#!/bin/sh\nPATH=/usr/sbin:/usr/bin exec nsenter --target=${pid} --all -- ${tool} "$@"\n`);
      chmodSync(file, 0o755);
    }
    process.env.PATH = `${tools}:${path}`;
    // The host's own system, booted once more: all that it writes is in memory.
    await lab.sh(
      `mkdir /run/$1; mount --bind / /run/$1
      systemd-run --quiet --collect --unit=$1 --service-type=notify --property=KillMode=mixed systemd-nspawn --quiet --keep-unit --machine=$1 \\
        --directory=/run/$1 --volatile=overlay --private-network --boot --notify-ready=yes`,
      name,
    );
  });
  afterAll(async () => {
    process.env.PATH = path;
    rmSync(tools, { recursive: true });
    await lab.sh('systemctl stop $1; umount /run/$1; rmdir /run/$1', name);
  });

  transportContract('a machine', inMachine, { longestArgument: 100 << 10 });

  test('commands run in the machine, with the environment of a login there', async () => {
    const transport = inMachine();
    const { stdout } = await transport.run(['env']);
    expect(stdout.toString().split('\n').sort()).toEqual([
      '',
      'HOME=/root',
      'LANG=C.UTF-8',
      'LOGNAME=root',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/',
      'SHELL=/bin/sh',
      'USER=root',
    ]);
    expect((await transport.run(['systemd-detect-virt'])).stdout.toString()).toBe('systemd-nspawn\n');
    await transport.close();
  });

  test('a service is applied in it, a second plan is empty, and nothing of it is left', async () => {
    const deployment = new Deployment('t-machine', (host) => {
      new SystemdService(host, 't-clock', { command: ['/usr/bin/sleep', 'infinity'] });
    });
    const { manifests } = deployment;
    const transport = inMachine();
    const options = { asset: () => '' };
    const unit = async () => (await transport.run(['systemctl', 'is-active', 't-clock'])).stdout.toString();
    expect([...(await apply(transport, { manifests, remove: [] }, options)).values()]).toEqual([undefined]);
    const state = await observe(transport, { services: [], manifests });
    expect(manifests.flatMap((manifest) => planService(state, manifest).steps)).toEqual([]);
    expect(await unit()).toBe('active\n');
    await apply(transport, { manifests: [], remove: ['t-clock'] }, options);
    expect(await unit()).toBe('inactive\n');
    await transport.close();
    deployment.cleanUp();
  });

  test('that does not run is an error that says the way out', async () => {
    const transport = connect({ address: 'machine://no-such-machine' });
    await expectError(transport, {
      message: 'Cannot reach "machine://no-such-machine": no machine of that name runs here',
      advice: 'machinectl start no-such-machine, or see which do: machinectl list',
    });
    await transport.close();
  });
});

async function expectError(transport: Transport, expected: { message: string; advice: string }): Promise<void> {
  const error = await transport.run(['true']).catch((reason) => reason);
  expect(error).toBeInstanceOf(TransportError);
  expect({ message: error.message, advice: error.advice }).toEqual(expected);
}
