import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bulkhead, directory } from './command';

const SHOP = {
  stack: 'shop',
  hosts: [
    { id: 'host', path: 'shop/host', manifests: ['web', '$(touch pwned)', 'db'].map((name) => ({ name, stack: '' })) },
  ],
};
const cwd = directory({
  'cdktf.out/bundle/shop/bundle.json': `${JSON.stringify(SHOP, null, 2)}\n`,
  'cdktf.out/bundle/blog/bundle.json': {},
  'cdktf.out/bundle/$(touch pwned)/bundle.json': {},
  'cdktf.out/bundle/no-bundle/x': '',
  'other/wiki/bundle.json': {},
});

async function script(shell: string): Promise<string> {
  const { stdout, stderr, code } = await bulkhead(['completion', shell]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout;
}

/** What bash offers after a line, of which the last word is not finished. */
async function completed(line: string): Promise<string[]> {
  const asBash = `eval "$(cat)"
    read -ra COMP_WORDS <<< "$1"
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    complete -p bulkhead | grep -q -- '-F _bulkhead' && { _bulkhead; printf '%s\\n' "\${COMPREPLY[@]}"; }`;
  const options = { cwd, input: await script('bash'), encoding: 'utf8' } as const;
  const offered = execFileSync('bash', ['-c', asBash, 'bash', line], options);
  return offered.split('\n').filter(Boolean);
}

test('commands are completed, and those below them', async () => {
  const { stdout } = await bulkhead(['--help']);
  const commands = [...stdout.slice(stdout.indexOf('\nCommands:')).matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  expect(commands).toContain('plan');
  expect(await completed('bulkhead ')).toEqual(commands);
  expect(await completed('bulkhead a')).toEqual(['apply', 'adopt']);
  expect(await completed('bulkhead lab ')).toEqual(['up', 'down', 'restart', 'status', 'ssh', 'help']);
  expect(await completed('bulkhead completion ')).toEqual(['bash', 'zsh', 'fish']);
});

test('options are those of the command', async () => {
  expect(await completed('bulkhead apply --')).toEqual([
    '--bundle',
    '--trust-ssh-options',
    '--trust-secrets',
    '--auto-approve',
    '--show-secrets',
    '--check-tags',
    '--json',
    '--no-color',
    '--wait-for-host',
    '--help',
  ]);
  expect(await completed('bulkhead plan shop --de')).toEqual(['--detailed-exitcode']);
  expect(await completed('bulkhead lab up --name x --n')).toEqual(['--name', '--no-color']);
});

test('stacks are those of the last synthesis or of the bundle that is named, and only where a stack goes', async () => {
  expect(await completed('bulkhead plan ')).toEqual(['\\$\\(touch\\ pwned\\)', 'blog', 'shop']);
  expect(await completed('bulkhead destroy s')).toEqual(['shop']);
  expect(await completed('bulkhead plan --bundle other ')).toEqual(['wiki']);
  expect(await completed('bulkhead restart ')).toEqual(['web', 'db']);
  expect(await completed('bulkhead exec w')).toEqual(['web']);
  expect(await completed('bulkhead state mv d')).toEqual(['db']);
  expect(await completed('bulkhead logs --bundle other ')).toEqual([]);
  expect(existsSync(join(cwd, 'pwned'))).toBe(false);
});

test('what an option takes is a directory, or nothing that could be known', async () => {
  expect(await completed('bulkhead plan --bundle ')).toEqual(['cdktf.out', 'other']);
  expect(await completed('bulkhead status --host ')).toEqual([]);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  const isMissing = spawnSync(shell, ['-c', 'exit 0']).status !== 0;
  (isMissing ? test.skip : test)(
    `${shell} can read its script${isMissing ? ' (skipped: not installed)' : ''}`,
    async () => {
      const path = join(directory({}), 'script');
      writeFileSync(path, await script(shell));
      expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    },
  );
}

test('other shells are refused', async () => {
  const { stderr, code } = await bulkhead(['completion', 'tcsh']);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
  expect(code).toBe(1);
});
