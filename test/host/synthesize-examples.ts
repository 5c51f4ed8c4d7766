import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, root } from '../cli/command';
import { ADDRESS } from './host';

/**
 * Runs examples, all in one process. They name the default practice host, and the bundles that of the tests.
 * @param examples The directory with the examples, or with a copy of them.
 * @returns the directory with the bundle of each, in a directory of its name
 */
export function synthesizeExamples(names: readonly string[], examples = join(root, 'examples')): string {
  const outputs = names.map((name) => [name, directory({})] as const);
  const program = `for (const [name, output] of ${JSON.stringify(outputs)}) {
    process.env.CDKTF_OUTDIR = output;
    require(${JSON.stringify(examples)} + '/' + name + '/main.ts');
  }`;
  execFileSync(join(root, 'node_modules', '.bin', 'tsx'), ['--eval', program], { cwd: root });
  const bundles = directory({});
  for (const [name, output] of outputs) onTestHost(join(output, 'bundle', name), join(bundles, name));
  return bundles;
}

function onTestHost(from: string, to: string): void {
  renameSync(from, to);
  const index = join(to, 'bundle.json');
  writeFileSync(index, readFileSync(index, 'utf8').replaceAll('"address": "lab"', `"address": "${ADDRESS}"`));
}

/** Runs one example as its first lines say. @returns the directory of its bundle */
export function synthesizeExample(name: string, examples?: string): string {
  return join(synthesizeExamples([name], examples), name);
}
