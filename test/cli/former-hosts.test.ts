import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bulkhead, directory } from './command';

/** Port 1 of this machine: nothing listens there. */
const address = (name: string) => `ssh://${name}@127.0.0.1:1`;
const PATH = '/etc/systemd/system/web.service';

const web = (stack: string) => ({
  name: 'web',
  stack,
  path: `${stack}/host/web`,
  runtime: 'systemd',
  objects: {},
  units: {},
  files: { [PATH]: { mode: '0644', owner: 'root', group: 'root' } },
});

const host = (stack: string, id: string, manifests: readonly object[]) => ({
  id,
  path: `${stack}/${id}`,
  address: address(id),
  manifests,
});

/** Makes the program of a project write these bundles from then on. */
function program(cwd: string, bundles: Readonly<Record<string, readonly object[]>>): void {
  writeFileSync(
    join(cwd, 'main.js'),
    `
    const { mkdirSync, writeFileSync } = require('node:fs');
    const { dirname } = require('node:path');
    const out = process.env.CDKTF_OUTDIR;
    const write = (path, text) => (mkdirSync(dirname(path), { recursive: true }), writeFileSync(path, text));
    const bundles = ${JSON.stringify(bundles)};
    for (const [stack, hosts] of Object.entries(bundles)) {
      for (const { id, manifests } of hosts) for (const _ of manifests) write(out + '/bundle/' + stack + '/' + id + '${PATH}', '');
      write(out + '/bundle/' + stack + '/bundle.json', JSON.stringify({ stack, hosts }));
    }
    write(out + '/manifest.json', JSON.stringify({ stacks: { shop: {}, blog: {} } }));
    `,
  );
}

const FORMER = 'cdktf.out/former-hosts.json';
let cwd: string;
beforeEach(() => {
  cwd = directory({ 'cdktf.json': { app: 'node main.js' } });
  program(cwd, { shop: [host('shop', 'a', [web('shop')]), host('shop', 'b', [])] });
});
const plan = () => bulkhead(['plan', '*'], { cwd });

test('a program that lost its last Host applies nothing of the run before, and says what stays where', async () => {
  await plan();
  program(cwd, {});
  for (const _ of ['once', 'and again']) {
    const { stderr, code } = await plan();
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot find anything to apply: no stack of the program has a Host');
    expect(stderr).toContain(`shop/a is no longer in the program. These services may still be on ${address('a')}: web`);
    expect(stderr).toContain('put the Host back without services, apply, and then remove it');
    expect(existsSync(join(cwd, 'cdktf.out/bundle/shop'))).toBe(false);
  }
});

test('one of several hosts that leaves is told of until it is back; one without services is not', async () => {
  await plan();
  program(cwd, { blog: [host('blog', 'c', [])] });
  for (const _ of ['once', 'and again']) {
    const { stderr } = await plan();
    expect(stderr).toContain(`shop/a is no longer in the program`);
    expect(stderr).not.toContain('shop/b');
  }
  expect(JSON.parse(readFileSync(join(cwd, FORMER), 'utf8'))).toEqual([
    { stack: 'shop', path: 'shop/a', address: address('a'), services: ['web'] },
  ]);
  program(cwd, { shop: [host('shop', 'a', [])] });
  expect((await plan()).stderr).not.toContain('no longer in the program');
  expect(existsSync(join(cwd, FORMER))).toBe(false);
  program(cwd, { blog: [host('blog', 'c', [])] });
  expect((await plan()).stderr).not.toContain('no longer in the program');
});

test('a synthesis that fails forgets nothing', async () => {
  await plan();
  writeFileSync(join(cwd, 'main.js'), 'process.exit(1)');
  await plan();
  program(cwd, {});
  expect((await plan()).stderr).toContain('shop/a is no longer in the program');
});

test.each(['', '{}', '[7]', '[{"services":7}]'])('a note that is damaged says nothing: %j', async (text) => {
  await plan();
  writeFileSync(join(cwd, FORMER), text);
  const { stderr } = await plan();
  expect(stderr).not.toContain('Internal error');
  expect(stderr).not.toContain('no longer in the program');
});
