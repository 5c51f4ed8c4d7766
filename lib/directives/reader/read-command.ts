import type { KeyEntry } from '../catalog';
import type { Argv, Command, CommandPrefix } from '../values';
import { literal, SIGNS } from './literal';
import { bare, EXEC, type ReadWord } from './read-words';
import { scanWords } from './scan-words';

const PREFIX_ORDER = ['-', '@', '|', ':', '+', '!!', '!'];

/** The commands of one line, which a lone `;` separates. @throws TextProblem */
export function commandsOf(line: string, entry: KeyEntry): (Argv | Command)[] {
  const found: (Argv | Command)[] = [];
  let words: ReadWord[] = [];
  for (const word of [...scanWords(line, EXEC), bare(';')]) {
    if (word.source !== ';') words.push(word.source === '\\;' ? { source: '";"', value: ';' } : word);
    else if (words.length > 0) {
      found.push(command(words, entry));
      words = [];
    }
  }
  return found;
}

function command(words: readonly ReadWord[], entry: KeyEntry): Argv | Command {
  const marks = /^[-@:+!|]*/.exec(words[0]?.value ?? '')?.[0] ?? '';
  const argv = words.map(({ source, value }, index) => {
    const program = index === 0;
    const word = program ? { source: source.replace(marks, ''), value: value.slice(marks.length) } : { source, value };
    const expands = !program && !marks.includes(':');
    return literal(word, SIGNS[entry.specifiers ? (expands ? 'both' : 'specifiers') : expands ? 'variables' : 'none']);
  });
  if (marks === '') return argv;
  const has = (mark: string) => (mark === '!' ? /(?<!!)!(?!!)/.test(marks) : marks.includes(mark));
  return { argv, prefix: PREFIX_ORDER.filter(has).join('') as CommandPrefix };
}
