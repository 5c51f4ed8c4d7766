import { fail } from '../problem';
import type { Image } from './image';
import type { ImageConfig } from './oci-archive';

/** Directories to search for programs when an image sets no PATH. */
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Checks the program and arguments of a command. @throws Error */
export function checkWords(words: unknown, prop: 'command' | 'args', path: string): void {
  if (words === undefined && prop === 'args') return;
  const valid = Array.isArray(words) && words.every((word) => typeof word === 'string');
  if (valid && (prop === 'args' || words[0])) return;
  fail({
    action: 'run',
    value: words,
    problem: valid ? 'has no program' : 'is not an array of strings',
    expected: 'an array such as ["/usr/bin/node", "main.js"]',
    at: `${path}.${prop}`,
  });
}

/**
 * The program and arguments that a container runs, from its props or from its image. @throws Error when neither names a
 * program
 */
export function programOf(
  { command, args }: { readonly command?: readonly string[]; readonly args?: readonly string[] },
  { entrypoint, command: ofImage }: Pick<ImageConfig, 'entrypoint' | 'command'>,
  at: string,
): string[] {
  if (command) checkWords(command, 'command', at);
  checkWords(args, 'args', at);
  const words = [...(command ?? [...entrypoint, ...(args ? [] : ofImage)]), ...(args ?? [])];
  if (words.length > 0) return words;
  return fail({
    action: 'run',
    value: words,
    problem: 'the image has no program',
    expected: 'a program such as command: ["/usr/bin/node", "main.js"]',
    at: `${at}.command`,
  });
}

/**
 * Checks that a service with an image from a registry sets a command. Only the host knows what such an image runs by
 * default. @throws Error
 */
export function checkPulledCommand(image: Image, command: unknown, at: string): void {
  if (image.format !== 'oci' || command !== undefined) return;
  fail({
    action: 'run image',
    value: image.source,
    problem: 'its default program is not known until the host has pulled it',
    expected: 'command: ["/usr/bin/program", ...], or the image as a file: Image.ociArchive(path)',
    at: `${at}.command`,
  });
}
