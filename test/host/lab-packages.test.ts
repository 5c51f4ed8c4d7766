import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Lab } from '../../lib/lab';
import { baseRootfs } from '../../lib/lab/rootfs';
import { bulkhead, main } from '../cli/command';
import { describeHost, LAB_NAME } from './host';

const NAME = `${LAB_NAME}-packages`;
const lab = new Lab({ name: NAME });
const PACKAGES = 'tinyproxy,rsync';

// Root filesystems are built.
jest.setTimeout(300_000);

function inLab(script: string): string {
  const [ssh, ...args] = lab.sshArgv([script]);
  return execFileSync(ssh, args, { encoding: 'utf8' }).trim();
}

describeHost('the packages of a practice host', () => {
  let cache: string;
  let env: NodeJS.ProcessEnv;

  // A cache with nothing in it but the base, so that what is added is built here.
  beforeAll(() => {
    const base = baseRootfs().directory;
    cache = mkdtempSync(join(dirname(base), '.packages-test-'));
    symlinkSync(base, join(cache, base.slice(dirname(base).length + 1)));
    env = { BULKHEAD_LAB_CACHE: cache };
  });
  afterEach(() => lab.down());
  afterAll(() => rmSync(cache, { recursive: true }));

  const up = (packages: string) => bulkhead(['lab', 'up', '--name', NAME, '--packages', packages], { env });
  const unfinished = () => readdirSync(cache).filter((name) => name.endsWith('.unfinished'));

  /** Starts a lab, and sends a signal as soon as its packages are being added. */
  const upUntilAdding = async (packages: string, signal: NodeJS.Signals): Promise<unknown[]> => {
    const child = spawn(process.execPath, [main, 'lab', 'up', '--name', NAME, '--packages', packages], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const closed = once(child, 'close');
    for await (const chunk of child.stdout) if (`${chunk}`.includes('adding')) child.kill(signal);
    return closed;
  };

  test('are installed when an earlier attempt was cut off, with services that do not start by themselves', async () => {
    expect(await upUntilAdding(PACKAGES, 'SIGKILL')).toEqual([null, 'SIGKILL']);
    expect(unfinished()).toHaveLength(1);
    const first = await up(PACKAGES);
    expect(first).toMatchObject({ stderr: '', code: 0 });
    expect(unfinished()).toEqual([]);
    expect(first.stdout).toContain('packages   rsync, tinyproxy\n');
    expect(inLab('rsync --version | head -1')).toMatch(/^rsync {2}version/);
    expect(inLab('systemctl is-enabled tinyproxy; systemctl is-active tinyproxy || true')).toBe('disabled\ninactive');
    expect(inLab('systemctl start tinyproxy; systemctl is-active tinyproxy')).toBe('active');

    expect((await up('rsync')).code).toBe(0);
    expect((await up('rsync,nginx')).stderr).toBe(
      `Cannot add nginx to lab "${NAME}": it was created with rsync, tinyproxy, expected a new lab; ` +
        `run "bulkhead lab down --name ${NAME}" first\n`,
    );

    await lab.down();
    const second = await up('rsync,tinyproxy,rsync');
    expect(second.stdout).not.toContain('adding');
    expect(inLab('systemctl is-active tinyproxy || true')).toBe('inactive');
  });

  test('that do not exist are named, and leave nothing', async () => {
    expect(await up('rsync,no-such-package,nor-this-one')).toMatchObject({
      code: 1,
      stderr:
        'Cannot add "no-such-package", "nor-this-one": Debian trixie has no such package, ' +
        'expected names of packages such as "nginx"\n',
    });
    expect(unfinished()).toEqual([]);
    expect(await lab.status()).toMatchObject({ state: 'absent' });
  });

  test('leave nothing when the user gives up', async () => {
    expect(await upUntilAdding('nano', 'SIGINT')).toEqual([130, null]);
    expect(unfinished()).toEqual([]);
  });

  /** Runs the command behind some others, in namespaces of its own. */
  const upBehind = async (script: string, packages: string) => {
    const argv = [process.execPath, '-r', 'tsx/cjs', '-e', START, packages, NAME];
    const child = spawn('unshare', ['--mount', '--net', 'sh', '-euc', `${script}\nexec "$@"`, 'sh', ...argv], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    await once(child, 'close');
    return output;
  };
  const START = `new (require('./lib/lab').Lab)({ name: process.argv[2], packages: [process.argv[1]] }).up()
    .then(() => console.log('up'), ({ message }) => console.log(message))`;

  test('say that the archive cannot be read', async () => {
    expect(await upBehind('', 'nano')).toMatch(
      /^Cannot build the lab: the Debian archive cannot be read, expected one that this machine's apt reaches\nhttps?:/,
    );
    expect(unfinished()).toEqual([]);
  });

  test('say that no space is left', async () => {
    const small = join(cache, 'small');
    mkdirSync(small);
    env = { BULKHEAD_LAB_CACHE: small };
    const base = baseRootfs().directory;
    const mount = `mount -t tmpfs -o size=20m tmpfs ${small}; ln -s ${base} ${small}`;
    expect(await upBehind(mount, 'nano')).toMatch(
      /^Cannot build the lab: no space is left in ".*\/small" \(\d MB free\), expected 1 GB and what the packages need;/,
    );
  });
});
