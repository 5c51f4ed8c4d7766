import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files below a directory of this machine in which one of some texts stands. */
export function filesWith(texts: readonly string[], directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const content = readFileSync(path);
      return texts.some((text) => content.includes(text));
    });
}
