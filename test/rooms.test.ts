import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Project } from 'ts-morph';

const lib = join(__dirname, '..', 'lib');
const project = new Project({ skipAddingFilesFromTsConfig: true });
project.addSourceFilesAtPaths(join(lib, '**/*.ts'));
const roomOf = (path: string) => relative(lib, path).split('/')[0] ?? '';

/** What each room may import, as the table of lib/README.md says. */
function table(): Map<string, readonly string[]> {
  const rows = readFileSync(join(lib, 'README.md'), 'utf8').matchAll(/^\| \[`(\w+)\/`\].*\| ([^|]*) \|$/gm);
  return new Map([...rows].map(([, room = '', imports = '']) => [room, imports.split(', ')]));
}

/** Every import of lib/, with what it resolves to. */
function imports(): { from: string; to: string; module: string }[] {
  return project.getSourceFiles().flatMap((file) =>
    [...file.getImportDeclarations(), ...file.getExportDeclarations()].flatMap((declaration) => {
      const module = declaration.getModuleSpecifierValue();
      const target = module?.startsWith('.') ? join(dirname(file.getFilePath()), module) : '';
      return module ? [{ from: relative(lib, file.getFilePath()), to: target && roomOf(target), module }] : [];
    }),
  );
}

test('rooms import what the table in lib/README.md allows, and nothing else', () => {
  const allowed = table();
  const strangers = imports().filter(({ from, to }) => {
    const room = from.split('/')[0] ?? '';
    return from.includes('/') && to !== '' && to !== room && !allowed.get(room)?.includes(to);
  });
  expect(allowed.size).toBeGreaterThan(8);
  expect(strangers).toEqual([]);
});

test('cdktf is imported by one file of a room', () => {
  const files = new Map<string, Set<string>>();
  for (const { from, module } of imports()) {
    if (!/^cdktf($|\/)/.test(module)) continue;
    const room = from.split('/')[0] ?? '';
    files.set(room, (files.get(room) ?? new Set()).add(from));
  }
  expect([...files].map(([room, from]) => [room, from.size])).toEqual([
    ['constructs', 1],
    ['rendering', 1],
  ]);
});

test('no file is longer than 400 lines, generated ones aside', () => {
  const long = project
    .getSourceFiles()
    .filter((file) => !file.getBaseName().endsWith('.generated.ts') && file.getEndLineNumber() > 400);
  expect(long.map((file) => file.getBaseName())).toEqual([]);
});
