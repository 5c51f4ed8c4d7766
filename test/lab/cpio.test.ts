import { spawnSync } from 'node:child_process';
import { cpio } from '../../lib/lab/cpio';
import { guestTree, MODULES } from '../../lib/lab/guest-tree';

const archive = cpio([
  { type: 'File', path: 'init', content: '#!/bin/sh\n', mode: 0o755 },
  { type: 'Directory', path: 'bin' },
  { type: 'SymbolicLink', path: 'bin/sh', target: 'busybox' },
]);

/** Headers are 110 bytes; header and name, and content, are padded to 4 each. */
function members(from: Buffer): { path: string; mode: number; content: string }[] {
  const found = [];
  for (let at = 0; at < from.length; ) {
    const field = (index: number) =>
      Number.parseInt(from.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, length] = [field(1), field(6), field(11)];
    const path = from.toString('utf8', at + 110, at + 110 + length - 1);
    const start = (at + 110 + length + 3) & ~3;
    found.push({ path, mode, content: from.toString('utf8', start, start + size) });
    at = (start + size + 3) & ~3;
  }
  return found;
}

test('directories come before what is in them, with type and mode, and a trailer ends it', () => {
  expect(members(archive)).toEqual([
    { path: 'bin', mode: 0o040755, content: '' },
    { path: 'bin/sh', mode: 0o120777, content: 'busybox' },
    { path: 'init', mode: 0o100755, content: '#!/bin/sh\n' },
    { path: 'TRAILER!!!', mode: 0, content: '' },
  ]);
});

test('the guest starts a script that a shell understands, with its modules', () => {
  const modules = MODULES.map((name) => ({ name, content: Buffer.from(name) }));
  const tree = members(cpio(guestTree(Buffer.from('busybox'), ['sh'], modules)));
  const init = tree.find(({ path }) => path === 'init');
  expect(init?.mode).toBe(0o100755);
  expect(spawnSync('sh', ['-n'], { input: init?.content, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  for (const name of MODULES)
    expect(tree).toContainEqual({ path: `lib/modules/${name}.ko`, mode: 0o100644, content: name });
});
