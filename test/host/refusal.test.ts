import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostProps, SystemdService } from 'bulkhead';
import { bulkhead } from '../cli/command';
import type { Run } from '../terraform/terraform';
import { ADDRESS, describeHost, inventory, lab } from './host';
import { Project } from './project';
import { type Build, describeTerraformOnHost, practiceHost, Stack } from './stack';

const build: Build = (host) => {
  for (const name of ['r-one', 'r-two']) new SystemdService(host, name, { command: ['/usr/bin/sleep', 'infinity'] });
};

const directory = mkdtempSync(join(tmpdir(), 'bulkhead-refusal-'));
const knownHosts = join(directory, 'known_hosts');
let before: string;
/** The practice host by its address, instead of its name: all that ssh needs but the host's key. */
let address: string;
let sshOptions: string[];

beforeAll(async () => {
  const { info } = await practiceHost.status();
  if (!info) throw new Error('The practice host is not running');
  address = info.address;
  const [, identityFile] = /IdentityFile "(.*)"/.exec(readFileSync(info.sshConfig, 'utf8')) ?? [];
  sshOptions = [
    `IdentityFile=${identityFile}`,
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
  ];
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'another')]);
  before = await inventory();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The key that is known of the practice host is someone else's. */
function knowAnotherKey(): void {
  writeFileSync(knownHosts, `${address} ${readFileSync(join(directory, 'another.pub'), 'utf8')}`);
}

/** Ways not to reach a host, and what each is called. */
const unreachable: [what: string, problem: string, host: () => HostProps][] = [
  [
    'a host whose port is closed',
    'nothing accepts connections on port 1',
    () => ({ address: `ssh://root@${address}:1`, sshOptions }),
  ],
  [
    'a host that does not answer',
    'it does not answer',
    // Nobody has this address of the practice host's own network.
    () => ({ address: `ssh://root@${address.replace(/\d+$/, '99')}`, sshOptions: [...sshOptions, 'ConnectTimeout=1'] }),
  ],
  [
    'a host whose key is unknown',
    'its host key is unknown',
    () => {
      writeFileSync(knownHosts, '');
      return { address: `ssh://root@${address}`, sshOptions };
    },
  ],
  [
    'a host whose key is another one',
    'its host key has changed: .*',
    () => {
      knowAnotherKey();
      return { address: `ssh://root@${address}`, sshOptions };
    },
  ],
];

const errorAt = (path: string, problem: string, { address }: HostProps) =>
  new RegExp(`^Cannot reach "${address}": ${problem} \\(at ${path}\\)$`);

describeHost('bulkhead', () => {
  test.each(unreachable)('tells of %s once, with its construct path, and changes nothing', async (_, problem, host) => {
    const props = host();
    const stack = new Stack('t-refusal', props);
    stack.synth(build);
    for (const command of [['plan'], ['apply', '--auto-approve']]) {
      const { stdout, code } = await bulkhead([...command, '--trust-ssh-options', '--bundle', stack.bundle, '--json']);
      const error = { message: expect.stringMatching(errorAt('t-refusal/host', problem, props)) };
      expect(JSON.parse(stdout).hosts).toEqual([expect.objectContaining({ error: expect.objectContaining(error) })]);
      expect(code).toBe(1);
    }
    stack.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test.each([
    ['a name that is taken', 'a name twice', /Cannot .*r-one.* \(at t-wrong\/host\/r-two\)/],
    ['port 99999', 'port 99999', /Cannot .*99999.* \(at t-wrong\/host\/r-two\.ports\[0\]\)/],
    ['a duration of 3 bananas', 'a duration', /Cannot .*"3 bananas".* \(at t-wrong\/host\/r-two\.stopTimeout\)/],
    ['an unknown word', 'an unknown word', /Cannot .*"sometimes".* \(at t-wrong\/host\/r-two\.restart\)/],
  ])('tells of %s, with the path of the construct, and changes nothing', async (_, mistake, message) => {
    const project = new Project('wrong-app.ts', 't-wrong');
    const env = { MISTAKE: mistake, BULKHEAD_TEST_ADDRESS: ADDRESS };
    const { code, stderr } = await bulkhead(['apply', '--auto-approve'], { cwd: project.directory, env });
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    project.cleanUp();
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('terraform', () => {
  /** An error that is shown at the host's address. */
  function expectOneError({ exitCode, diagnostics }: Run, message: RegExp): void {
    const snippet = expect.objectContaining({ code: expect.stringContaining('"address"') });
    const error = { severity: 'error', summary: expect.stringMatching(message), snippet };
    expect(diagnostics).toEqual([expect.objectContaining(error)]);
    expect(exitCode).toBe(1);
  }

  test.each(unreachable)('tells of %s once, with a construct path, and changes nothing', async (_, problem, host) => {
    const props = host();
    const stack = new Stack('t-refusal', props);
    await stack.prepare(build);
    const { plan, apply } = stack.terraform;
    for (const command of [plan, apply])
      expectOneError(await command(), errorAt('t-refusal/host/r-(one|two)', problem, props));
    stack.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('tells of a host whose key is another one since the last apply, and changes nothing', async () => {
    const stack = new Stack('t-refusal', { address: `ssh://root@${address}`, sshOptions });
    const key = await lab.sh('cat /etc/ssh/ssh_host_ed25519_key.pub');
    const knowItsKey = () => writeFileSync(knownHosts, `${address} ${key}`);
    knowItsKey();
    try {
      await stack.apply(build);
      const applied = await inventory();
      knowAnotherKey();
      const { plan, apply, destroy } = stack.terraform;
      for (const command of [plan, apply, destroy])
        expectOneError(await command(), /^Cannot reach .* \(at t-refusal\/host\/r-(one|two)\)$/);
      expect(await inventory()).toBe(applied);
      knowItsKey();
      expect(await stack.plan()).toBe('');
    } finally {
      knowItsKey();
      await stack.destroy();
      stack.cleanUp();
    }
  });
});
