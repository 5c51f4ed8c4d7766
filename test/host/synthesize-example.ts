import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, root } from '../cli/command';
import { ADDRESS } from './host';

/**
 * Runs an example as its first lines say. The example names the default practice host, and the bundle that of the tests.
 * @returns the directory of its bundle
 */
export function synthesizeExample(name: string): string {
  const output = directory({});
  const program = join(root, 'examples', name, 'main.ts');
  const env = { ...process.env, CDKTF_OUTDIR: output };
  execFileSync(join(root, 'node_modules', '.bin', 'tsx'), [program], { cwd: root, env });
  const bundle = join(output, 'bundle', name);
  const index = join(bundle, 'bundle.json');
  writeFileSync(index, readFileSync(index, 'utf8').replaceAll('"address": "lab"', `"address": "${ADDRESS}"`));
  return bundle;
}
