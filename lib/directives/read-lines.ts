/** One assignment of a file. */
export interface Assignment {
  readonly key: string;
  readonly text: string;
}

/** A section as it stands in a file; one name may come several times. */
export interface RawSection {
  readonly name: string;
  readonly assignments: Assignment[];
}

/**
 * Cuts a file into sections and assignments: joins continued lines, drops comments.
 * @throws Error for a line that is neither.
 */
export function readLines(text: string, parser: 'systemd' | 'quadlet'): RawSection[] {
  const sections: RawSection[] = [];
  const { trim } = RULES[parser];
  for (const { line, number } of joinLines(text.replace(/^\uFEFF/, ''), RULES[parser])) {
    const name = /^\[(.*)\]$/.exec(line)?.[1];
    const separator = line.indexOf('=');
    const section = sections.at(-1);
    if (name !== undefined) sections.push({ name, assignments: [] });
    else if (separator < 1)
      throw new Error(`Cannot read line ${number} "${line}": is no assignment, expected key=value`);
    else if (!section)
      throw new Error(`Cannot read line ${number} "${line}": no section begun, expected [Section] first`);
    else section.assignments.push({ key: trim(line.slice(0, separator)), text: trim(line.slice(separator + 1)) });
  }
  return sections;
}

interface LineRule {
  /** What becomes of the end of a continued line. */
  readonly glue: string;
  readonly continued: RegExp;
  readonly trim: (text: string) => string;
}

const RULES: Readonly<Record<'systemd' | 'quadlet', LineRule>> = {
  systemd: { glue: ' ', continued: /(?<!\\)(?:\\\\)*\\$/, trim: (text) => text.replace(/^[ \t]+|[ \t]+$/g, '') },
  quadlet: { glue: '', continued: /\\$/, trim: (text) => text.trim() },
};

function* joinLines(text: string, rule: LineRule): Generator<{ line: string; number: number }> {
  let joined = '';
  let first = 0;
  for (const [index, source] of text.split(/\r\n?|\n/).entries()) {
    const line = rule.trim(source);
    if (/^[#;]/.test(line) || (line === '' && joined === '')) continue;
    if (joined === '') first = index + 1;
    if (rule.continued.test(line)) {
      joined += line.slice(0, -1) + rule.glue;
      continue;
    }
    yield { line: rule.trim(joined + line), number: first };
    joined = '';
  }
  if (joined !== '') yield { line: rule.trim(joined), number: first };
}
