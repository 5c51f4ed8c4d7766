import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';

const lib = join(__dirname, '..', '..', 'lib');

let inputs: Metafile['inputs'];
beforeAll(() => {
  const { metafile } = buildSync({
    entryPoints: [join(lib, 'provider', 'main.ts')],
    absWorkingDir: join(lib, '..'),
    bundle: true,
    platform: 'node',
    metafile: true,
    write: false,
    define: { PROVIDER_SCHEMA: '""' },
  });
  inputs = metafile.inputs;
});

/** All modules that run when these are loaded: those that they import other than on demand. */
function loadedBy(...entries: readonly string[]): Set<string> {
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of inputs[path]?.imports ?? [])
      if (kind !== 'dynamic-import' && next in inputs) load(next);
  };
  entries.forEach(load);
  return loaded;
}

const matching = (paths: Iterable<string>, pattern: RegExp) => [...paths].filter((path) => pattern.test(path));

test('a process that is only asked for the schema loads neither protobuf nor the manifest', () => {
  const loaded = loadedBy('lib/provider/main.ts');
  expect(loaded).toContain('lib/provider/handshake.ts');
  expect(matching(loaded, /^node_modules|^lib\/(?!provider)/)).toEqual([]);
});

test('a process that only checks a configuration loads neither the engine nor the transports', () => {
  const loaded = loadedBy('lib/provider/main.ts', 'lib/provider/server.ts', 'lib/provider/provider.ts');
  expect(loaded).toContain('lib/manifest/manifest.ts');
  expect(matching(loaded, /^lib\/(engine|transport)|^node_modules\/tar\//)).toEqual([]);
});
