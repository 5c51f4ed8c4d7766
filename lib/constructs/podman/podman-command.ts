import type { ContainerSection } from '../../directives/index';
import { Token } from '../cdktf';

/** Directives for what a container runs: its program with its arguments, or the image's program with others. */
export function podmanCommand(command: readonly string[] = [], args: readonly string[] = []): ContainerSection {
  const [program, ...rest] = command;
  const words = [...rest, ...args];
  if (program === undefined || !needsJson(program, words)) return { Entrypoint: program, Exec: some(words) };
  return { Entrypoint: JSON.stringify([program, ...words]), Exec: undefined };
}

// Exec= can't hold an empty word or ";", nor Entrypoint= every program; podman takes that for JSON if it can.
function needsJson(program: string, words: readonly string[]): boolean {
  if ([program, ...words].some((word) => Token.isUnresolved(word) || NO_TEXT.test(word))) return false;
  return words.includes('') || words.includes(';') || !/^(?!null$)[\w./@%+=,:-]+$/.test(program);
}

// JSON has an escape for it, but no process can be given it.
const NO_TEXT = /\0|\p{Surrogate}/u;

function some(words: readonly string[]): readonly string[] | undefined {
  return words.length > 0 ? words : undefined;
}
