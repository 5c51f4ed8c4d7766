// Builds dist/ (the compiled library, the provider as one file, and the scripts that run on a host) and dist-cdktn/ (the
// constructs again, for cdktn). Both are built beside their place and then put there, so that what runs meanwhile never
// finds half of them.
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
// The command, and what it runs on hosts, never see cdktf.
const HOST_SIDE = ['cli', 'engine', 'lab', 'provider', 'transport'];
const provider = join(built, 'provider', 'terraform-provider-bulkhead.cjs');

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
buildSync({
  entryPoints: [join(lib, 'provider', 'main.ts')],
  outfile: provider,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
  define: { PROVIDER_SCHEMA: JSON.stringify(Buffer.from(schemaBytes()).toString('base64')) },
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(provider, 0o755);
chmodSync(join(built, 'cli', 'main.js'), 0o755);
for (const entry of readdirSync(built)) {
  if (!HOST_SIDE.includes(entry)) cpSync(join(built, entry), join(builtForCdktn, entry), { recursive: true });
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

function put(from, place) {
  if (existsSync(place)) renameSync(place, `${from}-old`);
  renameSync(from, place);
}
