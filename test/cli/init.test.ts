import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bulkhead, directory, root } from './command';

const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packageOf = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

test('a project is made in a new directory, and the next steps are shown', async () => {
  const cwd = directory({});
  const { stdout, stderr, code } = await bulkhead(['init', 'a/hello'], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toContain('\nNext:\n  cd a/hello\n  npm install\n  npm test\n');
  expect(readdirSync(join(cwd, 'a/hello')).sort()).toEqual([
    '.github',
    '.gitignore',
    'README.md',
    'cdktf.json',
    'main.ts',
    'package.json',
    'test',
    'tsconfig.json',
  ]);
  expect(packageOf(join(cwd, 'a/hello'))).toMatchObject({
    private: true,
    dependencies: { bulkhead: `^${own.version}`, cdktf: own.peerDependencies.cdktf },
    devDependencies: { tsx: own.devDependencies.tsx },
  });
});

test('a project for cdktn imports and depends on cdktn alone', async () => {
  const cwd = directory({});
  expect(await bulkhead(['init', '--cdktn', 'hello'], { cwd })).toMatchObject({ code: 0 });
  const main = readFileSync(join(cwd, 'hello', 'main.ts'), 'utf8');
  expect(main).toContain("from 'bulkhead/cdktn';");
  expect(main).toContain("from 'cdktn';");
  const { dependencies } = packageOf(join(cwd, 'hello'));
  expect(dependencies).toMatchObject({ cdktn: own.peerDependencies.cdktn });
  expect(dependencies).not.toHaveProperty('cdktf');
});

test('every project has an ID of its own', async () => {
  const cwd = directory({});
  for (const name of ['a', 'b']) expect(await bulkhead(['init', name], { cwd })).toMatchObject({ code: 0 });
  const [a, b] = ['a', 'b'].map((name) => JSON.parse(readFileSync(join(cwd, name, 'cdktf.json'), 'utf8')).projectId);
  expect(a).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(b).not.toBe(a);
});

test('a package.json keeps what it says, and gets what is missing', async () => {
  const cwd = directory({
    'package.json': {
      name: 'shop',
      scripts: { test: 'echo "Error: no test specified" && exit 1', synth: 'mine' },
      dependencies: { bulkhead: 'file:bulkhead.tgz', tsx: '1.0.0' },
    },
  });
  expect((await bulkhead(['init'], { cwd })).stdout).toContain('\nNext:\n  npm install\n');
  const made = packageOf(cwd);
  expect(made).toMatchObject({ name: 'shop', dependencies: { bulkhead: 'file:bulkhead.tgz', tsx: '1.0.0' } });
  expect(made.scripts).toEqual({ synth: 'mine', test: expect.stringContaining('node --import tsx --test') });
  expect(made.devDependencies).not.toHaveProperty('tsx');
  expect(made).not.toHaveProperty('private');
});

test('nothing is written where a file would be overwritten, and each of them is named', async () => {
  const cwd = directory({ 'main.ts': 'mine', '.github/workflows/ci.yml': 'mine', 'other.txt': '' });
  const { stderr, code } = await bulkhead(['init'], { cwd });
  expect(stderr).toBe(
    `Cannot create a project in "${cwd}": main.ts, .github/workflows/ci.yml would be overwritten\n` +
      '  do: move these files away, or name a directory that is new: bulkhead init DIR\n',
  );
  expect(code).toBe(1);
  expect(readFileSync(join(cwd, 'main.ts'), 'utf8')).toBe('mine');
  expect(existsSync(join(cwd, 'package.json'))).toBe(false);
});

test('a package.json that is none is named', async () => {
  const cwd = directory({ 'package.json': '{' });
  expect((await bulkhead(['init'], { cwd })).stderr).toMatch(/^Cannot parse ".*\/package\.json": /);
  expect(existsSync(join(cwd, 'main.ts'))).toBe(false);
});
