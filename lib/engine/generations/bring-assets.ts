import { createWriteStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Transport } from '../../transport';
import type { Tools } from '../kind';
import type { ServicePlan } from '../step';
import type { KeptVersion } from './read';
import { generationPath } from './save';

/**
 * Brings the assets that a plan is to write and that are no longer on this machine, from where the host keeps them. What
 * is not there, or is not what it should be, shows when the assets of the plan are checked.
 * @param directory On this machine, for those that are brought.
 * @returns where each asset lies by then
 */
export async function bringAssets(
  transport: Transport,
  directory: string,
  work: readonly { readonly plan: ServicePlan; readonly version: KeptVersion }[],
  { asset, signal }: Tools,
): Promise<Tools['asset']> {
  const brought = new Map<string, string>();
  for (const { plan, version } of work) {
    for (const { verb, kind, key } of plan.steps) {
      const digest = verb === 'write' && kind === 'files' ? version.manifest.files[key]?.asset : undefined;
      if (digest === undefined || brought.has(digest) || existsSync(asset(digest))) continue;
      const file = posix.join(directory, digest);
      const content = version.assets.get(key);
      if (content) await writeFile(file, content);
      else
        await bring(
          transport,
          posix.join(generationPath(version.service, version.number), 'assets', key),
          file,
          signal,
        );
      brought.set(digest, file);
    }
  }
  return (digest) => brought.get(digest) ?? asset(digest);
}

async function bring(transport: Transport, path: string, file: string, signal: AbortSignal | undefined): Promise<void> {
  const stream = createWriteStream(file);
  await transport.run(['cat', '--', path], { ...(signal && { signal }), onStdout: (chunk) => stream.write(chunk) });
  stream.end();
  await finished(stream);
}
