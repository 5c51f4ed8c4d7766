import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from './errors';
import { type Library, projectFiles } from './project-files';
import { type ProjectPackage, projectPackage } from './project-package';

/**
 * Writes a project into a directory. A package.json that is there keeps what it says, and gets what is missing.
 * @returns the paths of its files
 * @throws CommandError when one of its other files is there already; nothing is written then
 */
export async function newProject(directory: string, library: Library): Promise<string[]> {
  const files = projectFiles(library, randomUUID());
  const taken = Object.keys(files).filter((path) => existsSync(join(directory, path)));
  if (taken.length > 0)
    throw new CommandError(`Cannot create a project in "${directory}": ${taken.join(', ')} would be overwritten`, {
      advice: 'move these files away, or name a directory that is new: bulkhead init DIR',
    });
  const manifest = projectPackage(library, await readPackage(join(directory, 'package.json')));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    // Still not over one that has come meanwhile.
    await writeFile(join(directory, path), content, { flag: 'wx' });
  }
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return [...Object.keys(files), 'package.json'];
}

async function readPackage(path: string): Promise<ProjectPackage | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProjectPackage;
  } catch (error) {
    throw new CommandError(`Cannot parse "${path}": ${(error as Error).message}`, {
      advice: 'correct it, or move it away to get a new one',
    });
  }
}
