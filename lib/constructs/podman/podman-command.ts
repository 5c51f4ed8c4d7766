import type { ContainerSection } from '../../directives/index';
import { Token } from '../cdktf';

/**
 * Directives for the command of a container: the program with its arguments, or only arguments for the image's program.
 */
export function podmanCommand(command: readonly string[] = [], args: readonly string[] = []): ContainerSection {
  const [program, ...rest] = command;
  const words = [...rest, ...args];
  if (program === undefined || !needsJson(program, words)) return { Entrypoint: program, Exec: some(words) };
  return { Entrypoint: JSON.stringify([program, ...words]), Exec: undefined };
}

// Exec= can't hold an empty argument or ";", and Entrypoint= can't hold every program name. podman parses Entrypoint=
// as JSON when it can.
function needsJson(program: string, words: readonly string[]): boolean {
  if ([program, ...words].some((word) => Token.isUnresolved(word) || NO_TEXT.test(word))) return false;
  return words.includes('') || words.includes(';') || !/^(?!null$)[\w./@%+=,:-]+$/.test(program);
}

// JSON can escape these characters, but no process can get them as arguments.
const NO_TEXT = /\0|\p{Surrogate}/u;

function some(words: readonly string[]): readonly string[] | undefined {
  return words.length > 0 ? words : undefined;
}
