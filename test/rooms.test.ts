import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Project } from 'ts-morph';

const lib = join(__dirname, '..', 'lib');
const project = new Project({ skipAddingFilesFromTsConfig: true });
project.addSourceFilesAtPaths(join(lib, '**/*.ts'));
const roomOf = (path: string) => path.split('/')[0] ?? '';

/** What each room may import, as the table of lib/README.md says. */
function table(): Map<string, readonly string[]> {
  const rows = readFileSync(join(lib, 'README.md'), 'utf8').matchAll(/^\| \[`(\w+)\/`\].*\| ([^|]*) \|$/gm);
  return new Map([...rows].map(([, room = '', imports = '']) => [room, imports.split(', ')]));
}

interface Import {
  /** The importing file, below lib. */
  readonly from: string;
  readonly module: string;
  /** The imported file, below lib; undefined for one of another package. */
  readonly to: string | undefined;
}

/** Every import and export of lib/, of types, too. */
const imports: readonly Import[] = project.getSourceFiles().flatMap((file) =>
  [...file.getImportDeclarations(), ...file.getExportDeclarations()].flatMap((declaration) => {
    const module = declaration.getModuleSpecifierValue();
    if (module === undefined) return [];
    const to = module.startsWith('.') ? fileOf(join(dirname(file.getFilePath()), module)) : undefined;
    return [{ from: relative(lib, file.getFilePath()), module, to }];
  }),
);

function fileOf(path: string): string {
  const file = project.getSourceFile(`${path}.ts`) ?? project.getSourceFile(join(path, 'index.ts'));
  return relative(lib, file?.getFilePath() ?? path);
}

test('rooms import what the table in lib/README.md allows, and nothing else', () => {
  const allowed = table();
  const strangers = imports.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to ?? '')];
    return from.includes('/') && to !== undefined && other !== room && !allowed.get(room)?.includes(other);
  });
  expect(allowed.size).toBeGreaterThan(8);
  expect(strangers).toEqual([]);
});

test('no file imports itself, directly or through others', () => {
  const importedBy = new Map<string, Set<string>>();
  for (const { from, to } of imports) if (to) importedBy.set(from, (importedBy.get(from) ?? new Set()).add(to));
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) circles.push([...trail.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    for (const next of importedBy.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of importedBy.keys()) visit(file, []);
  expect(importedBy.size).toBeGreaterThan(100);
  expect(circles).toEqual([]);
});

describe('among the constructs', () => {
  const BASE = ['props', 'service', 'host'];
  const inside = imports.flatMap(({ from, to }) => {
    const [room, folder = ''] = from.split('/');
    const [target, other = ''] = (to ?? '').split('/');
    const between = room === 'constructs' && target === 'constructs' && from.split('/').length > 2;
    return between && folder !== other ? [{ from, folder, to, other }] : [];
  });
  const strangers = (folders: readonly string[], allowed: readonly string[]) =>
    inside.filter(({ folder, to, other }) => {
      const isFolder = to?.split('/').length === 3;
      return folders.includes(folder) && isFolder && !allowed.includes(other);
    });

  test('the base knows no config file and no runtime', () => {
    expect(inside.length).toBeGreaterThan(50);
    expect(strangers(BASE, BASE)).toEqual([]);
  });

  test('props know neither services nor hosts', () => {
    expect(strangers(['props'], [])).toEqual([]);
  });

  test('a runtime knows the base, users, networks, programs, instances and the OCI specification, and no other runtime', () => {
    const runtimes = [...new Set(inside.map(({ folder }) => folder))].filter((folder) => !BASE.includes(folder));
    expect(strangers(runtimes, [...BASE, 'user', 'network', 'program', 'oci-spec', 'instance'])).toEqual([]);
    expect(strangers(['network'], BASE)).toEqual([]);
    expect(strangers(['oci-spec', 'program', 'instance'], [...BASE, 'network'])).toEqual([]);
  });
});

test('cdktf is imported by one file of a room', () => {
  const files = new Map<string, Set<string>>();
  for (const { from, module } of imports) {
    if (!/^cdktf($|\/)/.test(module)) continue;
    const room = roomOf(from);
    files.set(room, (files.get(room) ?? new Set()).add(from));
  }
  expect([...files].map(([room, from]) => [room, from.size])).toEqual([
    ['constructs', 1],
    ['rendering', 1],
  ]);
});

test('no file is longer than 400 lines, generated ones aside, tests included', () => {
  const tests = new Project({ skipAddingFilesFromTsConfig: true });
  tests.addSourceFilesAtPaths(join(lib, '..', 'test', '**/*.ts'));
  const long = [...project.getSourceFiles(), ...tests.getSourceFiles()].filter(
    (file) => !file.getBaseName().endsWith('.generated.ts') && file.getEndLineNumber() > 400,
  );
  expect(long.map((file) => file.getBaseName())).toEqual([]);
});

test('outside of its kinds, the engine names no runtime and nothing that one has', () => {
  const LEAVES = /podman|quadlet|nspawn|machinectl|\/var\/lib\/machines|\bip (?:link|address)|docker|\blx[cd]\b|incus/i;
  const core = project
    .getSourceFiles()
    .filter((file) => /^engine\/(?!kinds\/)/.test(relative(lib, file.getFilePath())));
  expect(core.length).toBeGreaterThan(25);
  expect(core.filter((file) => LEAVES.test(file.getFullText())).map((file) => file.getBaseName())).toEqual([]);
});
