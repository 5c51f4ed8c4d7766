import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lab } from '../../lib/lab';
import { labPaths } from '../../lib/lab/paths';
import { describeHost, LAB_NAME } from './host';

const NAME = `${LAB_NAME}-lab`;
const lab = new Lab({ name: NAME });
const { state, link, cgroup, cache } = labPaths(NAME);

/** Runs a shell script in the lab and returns what it prints. */
function inLab(script: string, of = lab): string {
  const [ssh, ...args] = of.sshArgv([script]);
  return execFileSync(ssh, args, { encoding: 'utf8' }).trim();
}

/** Process ids of everything that runs in the lab. */
function processes(): number[] {
  const text = execFileSync('sh', [
    '-c',
    `find /sys/fs/cgroup -path '*/${cgroup}*' -name cgroup.procs -exec cat {} + 2> /dev/null || true`,
  ]);
  return [...new Set(text.toString().split('\n').filter(Boolean).map(Number))];
}

/** Freezes a unit, as an engine does with the process of a container that it pauses. */
const FREEZE = `
freezer=/sys/fs/cgroup/freezer/frozen
if [ ! -d "\${freezer%/*}" ]; then exec systemctl freeze frozen; fi
mkdir "$freezer"; systemctl show -P MainPID frozen > "$freezer/cgroup.procs"; echo FROZEN > "$freezer/freezer.state"`;

/** The start in a process of its own, to be killed. */
function upProcess() {
  const script = `new (require('./lib/lab').Lab)({ name: '${NAME}' }).up((message) => console.log(message))`;
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  return child;
}

/** What a lab leaves on the machine. The lock files in /run are for good. */
function traces(): string[] {
  const links = execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' });
  const cgroups = execFileSync('find', ['/sys/fs/cgroup', '-name', cgroup], { encoding: 'utf8' });
  const uses = readdirSync(cache)
    .map((entry) => join(cache, entry, 'labs'))
    .filter((labs) => existsSync(labs))
    .flatMap((labs) => readdirSync(labs).map((use) => readlinkSync(join(labs, use))));
  return [
    ...links.split('\n').filter((line) => line.startsWith(`${link}@`)),
    ...cgroups.split('\n').filter(Boolean),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(state)),
    ...readdirSync(join(state, '..')).filter((entry) => entry === NAME || entry.startsWith(`.${NAME}.`)),
    ...uses.filter((target) => target === state),
    ...processes().map(String),
  ];
}

describeHost('the practice host', () => {
  beforeAll(() => lab.down());
  afterAll(() => lab.down());

  it('boots a Debian 13 with systemd 257, podman and nspawn, and no failed unit', async () => {
    const info = await lab.up();
    expect(info).toEqual({
      name: NAME,
      hostname: `lab-${NAME}`,
      address: expect.stringMatching(/^10\.99\.\d+\.2$/),
      sshConfig: join(state, 'ssh_config'),
      packages: [],
    });
    expect(inLab('. /etc/os-release; echo $VERSION_CODENAME; hostname; cat /proc/1/comm; id -un')).toBe(
      `trixie\nlab-${NAME}\nsystemd\nroot`,
    );
    expect(inLab('systemctl --version; podman --version; systemd-nspawn --version; crun --version')).toMatch(
      /^systemd 257(.|\n)*^podman version 5(.|\n)*^systemd 257(.|\n)*^crun version 1/m,
    );
    expect(await lab.status()).toEqual({ name: NAME, state: 'running', info, system: 'running', failedUnits: [] });
  });

  it('does nothing when it is up already', async () => {
    const before = inLab('cat /proc/sys/kernel/random/boot_id');
    const messages: string[] = [];
    await lab.up((message) => messages.push(message));
    expect(messages).toEqual([]);
    expect(inLab('cat /proc/sys/kernel/random/boot_id')).toBe(before);
  });

  it('names units that failed', async () => {
    inLab('systemd-run --quiet --wait --unit=broken false || true');
    expect(await lab.status()).toMatchObject({ system: 'degraded', failedUnits: ['broken.service'] });
    inLab('systemctl reset-failed');
  });

  it('keeps the disk over a restart, but neither processes nor /run nor /tmp', async () => {
    inLab('for d in etc var root home run tmp; do echo x > /$d/kept; done; systemd-run -q --unit=once sleep inf');
    inLab(
      'printf "[Service]\\nExecStart=sleep inf\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/always.service',
    );
    inLab('systemctl daemon-reload; systemctl -q enable --now always');
    const [bootId, hostKey] = inLab('cat /proc/sys/kernel/random/boot_id /etc/ssh/ssh_host_ed25519_key.pub').split(
      '\n',
    );
    const info = await lab.restart();
    expect(info).toEqual(await lab.up());
    expect(inLab('ls -d /*/kept')).toBe('/etc/kept\n/home/kept\n/root/kept\n/var/kept');
    expect(inLab('systemctl is-active always once || true')).toBe('active\ninactive');
    expect(inLab('cat /etc/ssh/ssh_host_ed25519_key.pub')).toBe(hostKey);
    expect(inLab('cat /proc/sys/kernel/random/boot_id')).not.toBe(bootId);
    expect(inLab('journalctl --list-boots --no-pager | grep -c "^ *-\\?[0-9]"')).toBe('2');
  });

  it('takes fifty ssh sessions at once', async () => {
    const [ssh, ...args] = lab.sshArgv(['echo', 'done']);
    const sessions = Array.from({ length: 50 }, () => once(spawn(ssh, args, { stdio: 'ignore' }), 'exit'));
    expect((await Promise.all(sessions)).map(([code]) => code)).toEqual(Array(50).fill(0));
  });

  it('carries the test image in podman and in systemd-nspawn', () => {
    const images = Lab.images();
    const [ssh, ...args] = lab.sshArgv(['podman', 'load', '-q']);
    expect(execFileSync(ssh, args, { input: readFileSync(images.ociArchive), encoding: 'utf8' })).toContain(
      'localhost/busybox:latest',
    );
    expect(inLab('podman run -q -d --name web -p 8080:80 localhost/busybox > /dev/null; curl -sS localhost:8080')).toBe(
      '<h1>It works</h1>',
    );
    const [, ...importArgs] = lab.sshArgv(['importctl', '-q', '-m', 'import-tar', '-', 'busybox']);
    execFileSync(ssh, importArgs, { input: readFileSync(images.tar) });
    expect(inLab('systemd-nspawn -q --pipe -M busybox /bin/cat /www/index.html')).toBe('<h1>It works</h1>');
  });

  it('lets user namespaces mount proc and sysfs of their own', () => {
    expect(inLab('unshare -Urpfmn --mount-proc sh -c "mount -t sysfs sysfs /sys; id -u"')).toBe('0');
  });

  it('sends nothing out of the machine', () => {
    expect(inLab('ip route get 192.0.2.1 2>&1 || true')).toMatch(/unreachable/i);
  });

  it('says so when it is stopped, and boots again with its disk after all of it was killed', async () => {
    inLab('sync; echo survived > /root/survived; sync');
    for (const pid of processes()) process.kill(pid, 'SIGKILL');
    while ((await lab.status()).state !== 'stopped') await sleep(20);
    await expect(lab.restart()).rejects.toThrow(
      `Cannot restart lab "${NAME}": it is not up, run "bulkhead lab up --name ${NAME}" first`,
    );
    await lab.up();
    expect(inLab('cat /root/survived')).toBe('survived');
  });

  it('boots again after only the process that holds its namespaces was killed', async () => {
    process.kill(Number(readFileSync(join(state, 'pid'), 'utf8')), 'SIGKILL');
    while ((await lab.status()).state !== 'stopped') await sleep(20);
    await lab.up();
    expect(await lab.status()).toMatchObject({ state: 'running', system: 'running' });
  });

  it('takes a pid of an earlier boot of the machine for what it is', async () => {
    for (const pid of processes()) process.kill(pid, 'SIGKILL');
    while ((await lab.status()).state !== 'stopped') await sleep(20);
    const stranger = spawn('sleep', ['inf']);
    writeFileSync(join(state, 'pid'), `${stranger.pid}\n`);
    expect(await lab.status()).toMatchObject({ state: 'stopped' });
    await lab.up();
    await lab.down();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it.each([
    ['making a disk', 0],
    ['booting', 0],
    ['booting', 50],
    ['booting', 200],
    ['booting', 1000],
  ])('recovers from a start that was killed after "%s" and %d ms', async (step, ms) => {
    await lab.down();
    const up = upProcess();
    const ended = once(up, 'exit');
    for await (const chunk of up.stdout) {
      if (chunk.includes(step)) setTimeout(() => up.kill('SIGKILL'), ms);
    }
    expect(await ended).toEqual([null, 'SIGKILL']);
    await lab.up();
    expect(await lab.status()).toMatchObject({ state: 'running', system: 'running' });
  });

  it('stops what it started when the caller gives up', async () => {
    await lab.down();
    const controller = new AbortController();
    const up = lab.up(
      (message) => message === 'booting' && setTimeout(() => controller.abort(), 300),
      controller.signal,
    );
    await expect(up).rejects.toThrow(/abort/);
    expect(await lab.status()).toMatchObject({ state: 'stopped' });
  });

  it('runs beside other labs that start at the same moment', async () => {
    const other = new Lab({ name: `${NAME}-2` });
    const wait = Promise.all([lab.up(), lab.up(), other.up()]);
    try {
      const [first, again, second] = await wait;
      expect(again).toEqual(first);
      expect(second.address).not.toBe(first.address);
      expect([inLab('hostname'), inLab('hostname', other)]).toEqual([`lab-${NAME}`, `lab-${NAME}-2`]);
    } finally {
      await other.down();
    }
  });

  it('leaves nothing when it goes down', async () => {
    await lab.up();
    inLab('systemd-run -q --unit=frozen sleep inf');
    inLab(FREEZE);
    expect(traces()).not.toEqual([]);
    await lab.down();
    expect(traces()).toEqual([]);
    expect(await lab.status()).toEqual({ name: NAME, state: 'absent', failedUnits: [] });
    await lab.down();
  });
});
