import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, root } from '../cli/command';
import { ADDRESS } from './host';

/**
 * Runs examples, all in one process. They name the default practice host, and the bundles that of the tests.
 * @param examples The directory with the examples, or with a copy of them.
 * @returns the directory of the bundle of each
 */
export function synthesizeExamples(
  names: readonly string[],
  examples = join(root, 'examples'),
): ReadonlyMap<string, string> {
  const outputs = names.map((name) => [name, directory({})] as const);
  const program = `for (const [name, output] of ${JSON.stringify(outputs)}) {
    process.env.CDKTF_OUTDIR = output;
    require(${JSON.stringify(examples)} + '/' + name + '/main.ts');
  }`;
  execFileSync(join(root, 'node_modules', '.bin', 'tsx'), ['--eval', program], { cwd: root });
  return new Map(outputs.map(([name, output]) => [name, onTestHost(join(output, 'bundle', name))]));
}

function onTestHost(bundle: string): string {
  const index = join(bundle, 'bundle.json');
  writeFileSync(index, readFileSync(index, 'utf8').replaceAll('"address": "lab"', `"address": "${ADDRESS}"`));
  return bundle;
}

/** Runs one example as its first lines say. @returns the directory of its bundle */
export function synthesizeExample(name: string, examples?: string): string {
  return synthesizeExamples([name], examples).get(name) ?? '';
}
