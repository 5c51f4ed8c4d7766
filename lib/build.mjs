// Builds dist/ (the compiled library, the command and the provider as one file each, which starts faster than many, and
// the scripts that run on a host) and dist-cdktn/ (the constructs again, for cdktn). Both are built beside their place
// and then put there, so that what runs meanwhile never finds half of them.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const lib = dirname(fileURLToPath(import.meta.url));
const root = dirname(lib);
const built = join(root, `.dist-${process.pid}`);
const builtForCdktn = `${built}-cdktn`;
// What only the command and the provider import.
const BUNDLED = ['cli', 'engine', 'provider', 'transport'];

process.on('exit', () => {
  for (const left of [built, builtForCdktn])
    for (const directory of [left, `${left}-old`]) rmSync(directory, { recursive: true, force: true });
});
const tsc = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', lib, '--outDir', built], { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(1);
for (const entry of readdirSync(lib, { recursive: true })) {
  if (entry.endsWith('.sh')) cpSync(join(lib, entry), join(built, entry));
}
const { schemaBytes } = createRequire(import.meta.url)(join(built, 'provider', 'schema-bytes.js'));
for (const room of BUNDLED) rmSync(join(built, room), { recursive: true });
bundle('cli/main.ts', 'cli/main.js', { packages: 'external' });
bundle('provider/main.ts', 'provider/terraform-provider-bulkhead.cjs', {
  banner: { js: '#!/usr/bin/env node' },
  define: { PROVIDER_SCHEMA: JSON.stringify(Buffer.from(schemaBytes()).toString('base64')) },
});
for (const entry of readdirSync(built)) {
  // The practice host never sees cdktf either.
  if (![...BUNDLED, 'lab'].includes(entry)) cpSync(join(built, entry), join(builtForCdktn, entry), { recursive: true });
}
for (const entry of readdirSync(builtForCdktn, { recursive: true })) {
  if (/(?:^|\/)cdktf\.(?:d\.ts|js)$/.test(entry)) importFromCdktn(join(builtForCdktn, entry));
}
put(built, join(root, 'dist'));
put(builtForCdktn, join(root, 'dist-cdktn'));

// cdktn has every export of cdktf under the same path. The files named cdktf are the only ones that import it.
function importFromCdktn(file) {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(['"])cdktf(?=\1|\/)/g, '$1cdktn'));
}

function bundle(source, to, options) {
  const outfile = join(built, to);
  buildSync({
    entryPoints: [join(lib, source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  });
  chmodSync(outfile, 0o755);
}

function put(from, place) {
  if (existsSync(place)) renameSync(place, `${from}-old`);
  renameSync(from, place);
}
