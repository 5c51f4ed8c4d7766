import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostProps, SystemdService } from 'bulkhead';
import { bulkhead } from '../cli/command';
import type { Run } from '../terraform/terraform';
import { ADDRESS, inventory, lab } from './host';
import { Project } from './project';
import { type Build, describeTerraformOnHost, practiceHost, Stack } from './stack';

jest.setTimeout(120_000);

const NAMES = ['r-one', 'r-two'];
const build: Build = (host) => {
  for (const name of NAMES) new SystemdService(host, name, { command: ['/usr/bin/sleep', 'infinity'] });
};

describeTerraformOnHost('a host', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-refusal-'));
  const knownHosts = join(directory, 'known_hosts');
  let before: string;
  let address: string;
  /** Options that ssh needs to reach the practice host by its address, but for the host's key. */
  let sshOptions: string[];

  beforeAll(async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'another')]);
    const { info } = await practiceHost.status();
    if (!info) throw new Error('the practice host is not running');
    address = info.address;
    const identity = /IdentityFile "(.*)"/.exec(readFileSync(info.sshConfig, 'utf8'))?.[1];
    sshOptions = [
      `IdentityFile=${identity}`,
      `UserKnownHostsFile=${knownHosts}`,
      'GlobalKnownHostsFile=/dev/null',
      'StrictHostKeyChecking=yes',
    ];
    before = await inventory();
  });
  afterEach(async () => {
    expect(await inventory()).toBe(before);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** An error that Terraform shows at the host's address. */
  function expectOneError({ exitCode, diagnostics }: Run, message: RegExp): void {
    const snippet = expect.objectContaining({ code: expect.stringContaining('"address"') });
    const error = { severity: 'error', summary: expect.stringMatching(message), snippet };
    expect(diagnostics).toEqual([expect.objectContaining(error)]);
    expect(exitCode).toBe(1);
  }

  /** The key that is known of the practice host is someone else's. */
  function knowAnotherKey(): void {
    writeFileSync(knownHosts, `${address} ${readFileSync(join(directory, 'another.pub'), 'utf8')}`);
  }

  const unreachable: [what: string, problem: RegExp, host: () => HostProps][] = [
    [
      'whose port is closed',
      /nothing accepts connections on port 1$/,
      () => ({ address: `ssh://root@${address}:1`, sshOptions }),
    ],
    [
      'that does not answer',
      /it does not answer$/,
      // Nobody has this address of the practice host's own network.
      () => ({
        address: `ssh://root@${address.replace(/\d+$/, '99')}`,
        sshOptions: [...sshOptions, 'ConnectTimeout=1'],
      }),
    ],
    [
      'whose key is unknown',
      /its host key is unknown$/,
      () => {
        writeFileSync(knownHosts, '');
        return { address: `ssh://root@${address}`, sshOptions };
      },
    ],
    [
      'whose key is another one',
      /its host key is not the one that is known: .*$/,
      () => {
        knowAnotherKey();
        return { address: `ssh://root@${address}`, sshOptions };
      },
    ],
  ];

  test.each(unreachable)('%s is one error with its construct path, and nothing changes', async (_, problem, host) => {
    const props = host();
    const stack = new Stack('t-refusal', props);
    const message = (path: string) =>
      new RegExp(`^Cannot reach "${props.address}": ${problem.source.replace(/\$$/, '')} \\(at ${path}\\)$`);
    try {
      await stack.synth(build);
      const { plan, apply } = stack.terraform;
      for (const command of [plan, apply]) expectOneError(await command(), message('t-refusal/host/r-(one|two)'));
      for (const command of [['plan'], ['apply', '--auto-approve']]) {
        const { stdout, code } = await bulkhead([...command, '--bundle', stack.bundle, '--json']);
        const { hosts } = JSON.parse(stdout);
        expect(hosts).toEqual([
          expect.objectContaining({
            error: expect.objectContaining({ message: expect.stringMatching(message('t-refusal/host')) }),
          }),
        ]);
        expect(code).toBe(1);
      }
    } finally {
      stack.cleanUp();
    }
  });

  test('that is another one since the last apply is one error, and nothing changes', async () => {
    const stack = new Stack('t-refusal', { address: `ssh://root@${address}`, sshOptions });
    try {
      writeFileSync(knownHosts, `${address} ${await lab.sh('cat /etc/ssh/ssh_host_ed25519_key.pub')}`);
      await stack.apply(build);
      const applied = await inventory();
      const known = readFileSync(knownHosts);
      knowAnotherKey();
      const { plan, apply, destroy } = stack.terraform;
      for (const command of [plan, apply, destroy])
        expectOneError(await command(), /^Cannot reach .* \(at t-refusal\/host\/r-(one|two)\)$/);
      expect(await inventory()).toBe(applied);
      writeFileSync(knownHosts, known);
      expect(await stack.plan()).toBe('');
    } finally {
      await stack.destroy();
      stack.cleanUp();
    }
  });

  test('is not touched for a program that uses it wrongly, and the error names the construct', async () => {
    const project = new Project('wrong-app.ts');
    const wrong = {
      'a name twice': /Cannot .*r-one.* \(at t-wrong\/host\/r-two\)/,
      'port 99999': /Cannot .*99999.* \(at t-wrong\/host\/r-two\.ports\[0\]\)/,
      'a duration of 3 bananas': /Cannot .*"3 bananas".* \(at t-wrong\/host\/r-two\.stopTimeout\)/,
      'an unknown word': /Cannot .*"sometimes".* \(at t-wrong\/host\/r-two\.restart\)/,
    };
    try {
      for (const [what, message] of Object.entries(wrong)) {
        const env = { WRONG: what, BULKHEAD_TEST_ADDRESS: ADDRESS };
        const { code, stderr } = await bulkhead(['apply', '--auto-approve'], { cwd: project.directory, env });
        expect(stderr).toMatch(message);
        expect(code).toBe(1);
      }
    } finally {
      project.cleanUp();
    }
  });
});
