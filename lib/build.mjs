// Builds dist/: the compiled library, the provider as one file, and the scripts that run on a host.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const lib = dirname(fileURLToPath(import.meta.url));
const dist = join(lib, '..', 'dist');
const bin = join(lib, '..', 'node_modules', '.bin');

rmSync(dist, { recursive: true, force: true });
execFileSync(join(bin, 'tsc'), ['-p', lib], { stdio: 'inherit' });
for (const entry of readdirSync(lib, { recursive: true })) {
  if (entry.endsWith('.sh')) cpSync(join(lib, entry), join(dist, entry));
}
buildSync({
  entryPoints: [join(lib, 'provider', 'main.ts')],
  outfile: join(dist, 'provider', 'terraform-provider-bulkhead.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
  loader: { '.sh': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(join(dist, 'provider', 'terraform-provider-bulkhead.cjs'), 0o755);
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
