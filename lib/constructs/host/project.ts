import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '../problem';

/**
 * The `projectId` in the nearest cdktf.json, in a directory or above it. It distinguishes two projects whose stacks
 * have the same name.
 * @throws Error when that file can't be read
 */
export function projectIdOf(directory: string): string | undefined {
  const path = fileAbove(directory);
  if (path === undefined) return undefined;
  try {
    const { projectId } = JSON.parse(readFileSync(path, 'utf8')) as { readonly projectId?: unknown };
    return typeof projectId === 'string' && projectId !== '' ? projectId : undefined;
  } catch (error) {
    return fail({ action: 'read', value: path, problem: (error as Error).message, expected: 'JSON', at: 'projectId' });
  }
}

function fileAbove(directory: string): string | undefined {
  const path = join(directory, 'cdktf.json');
  if (existsSync(path)) return path;
  const parent = dirname(directory);
  return parent === directory ? undefined : fileAbove(parent);
}
