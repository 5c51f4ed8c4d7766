// Builds dist/: the compiled library, the provider as one file, and the scripts that run on a host. It is built beside
// its place and then put there, so that what runs meanwhile never finds half of it.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const lib = dirname(fileURLToPath(import.meta.url));
const root = dirname(lib);
const dist = join(root, 'dist');
const built = join(root, `.dist-${process.pid}`);
const provider = join(built, 'provider', 'terraform-provider-bulkhead.cjs');

process.on('exit', () => {
  for (const left of [built, `${built}-old`]) rmSync(left, { recursive: true, force: true });
});
const tsc = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', lib, '--outDir', built], { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(1);
for (const entry of readdirSync(lib, { recursive: true })) {
  if (entry.endsWith('.sh')) cpSync(join(lib, entry), join(built, entry));
}
buildSync({
  entryPoints: [join(lib, 'provider', 'main.ts')],
  outfile: provider,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(provider, 0o755);
chmodSync(join(built, 'cli', 'main.js'), 0o755);
if (existsSync(dist)) renameSync(dist, `${built}-old`);
renameSync(built, dist);
