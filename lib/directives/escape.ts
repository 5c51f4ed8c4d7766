import type { EscapeClass, KeyEntry } from './catalog';
import { checkLoss, validOf } from './losses';
import { isToken, type Replacements, TextProblem, type TokenEscaper, type WordRule, writeWord } from './text';
import { splitTuple } from './tuple';

const PERCENT: Replacements = [['%', '%%']];
const DOLLAR: Replacements = [['$', '$$']];
const BACKSLASH: Replacements = [['\\', '\\\\']];
const COLON: Replacements = [[':', '\\:']];
const QUOTE: Replacements = [['"', '\\"']];
const BREAKS: Replacements = [
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
];
// Inside double quotes, where a backslash means nothing: end them, quote the quote, begin again.
const QUOTE_WITHOUT_ESCAPE: Replacements = [['"', `"'"'"`]];

/** What each class does to a word, beside `%` in keys with specifiers. */
const RULES: Partial<Record<EscapeClass, WordRule>> = {
  args: { replacements: [...BACKSLASH, ...QUOTE, ...BREAKS], hex: true, quote: 'if-needed' },
  c: { replacements: [...BACKSLASH, ...QUOTE, ...BREAKS], hex: true, quote: 'if-needed' },
  unquote: { replacements: [...BACKSLASH, ...QUOTE], quote: 'if-needed' },
  tuple: { replacements: [...BACKSLASH, ...QUOTE, ...COLON], quote: 'if-needed' },
  'tuple-c': {
    replacements: [...BACKSLASH, ['"', '\\x22'], ...COLON],
    quote: 'if-needed',
  },
  'path-options': { replacements: [...BACKSLASH, ...QUOTE], quote: 'if-needed' },
  strv: { replacements: QUOTE_WITHOUT_ESCAPE, quote: 'if-needed' },
  words: { replacements: QUOTE_WITHOUT_ESCAPE, quote: 'if-needed' },
  device: { replacements: [...BACKSLASH, ...QUOTE], quote: 'if-needed' },
  colon: { replacements: [...BACKSLASH, ...QUOTE, ["'", "\\'"], ...COLON], quote: 'never' },
  'colon-raw': { replacements: [...BACKSLASH, ...COLON], quote: 'never' },
  'credential-c': { replacements: [...BACKSLASH, ...BREAKS], hex: true, quote: 'never' },
  'text-c': { replacements: [...BACKSLASH, ...BREAKS], hex: true, quote: 'never' },
};
/** What Quadlet keeps: of words all but the empty one and `;`, of lines those without a quote or blank at either end. */
const QUADLET_WORD = '^(?s:[^;].*|;.+)$';
const QUADLET_LINE = '^(?:[^"\\s;]|[^"\\s].*[^"\\s])?$';
const BARE: WordRule = { replacements: [], quote: 'never' };

// Quadlet copies every value into a command line of the unit that it makes, where `$` has a meaning too.
export const QUADLET_CLASSES: ReadonlySet<EscapeClass> = new Set(['last', 'line', 'words', 'args']);

/** Writes one value of a key as a word of its line, or as the whole line. @throws TextProblem */
export function escapeWord(text: string, entry: KeyEntry, tokens?: TokenEscaper): string {
  checkLoss(text, entry);
  const rule = ruleOf(entry);
  if (text === ';' && QUADLET_CLASSES.has(entry.class ?? 'raw'))
    throw new TextProblem('is ";", where Quadlet splits the command in two, expected other text');
  switch (entry.class) {
    case 'tuple':
    case 'tuple-c':
    case 'colon-raw':
      return splitTuple(text)
        .map((part) => writeWord(part, rule, tokens))
        .join(':');
    case 'path-options':
      return writePathOptions(text, rule, tokens);
    case 'device':
      return writeDevice(text, entry, rule, tokens);
    case 'plain':
    case 'retain':
      checkName(text, entry);
      return writeWord(text, rule, tokens);
    case 'words':
    case 'args':
      if (text === '') throw new TextProblem('is empty, and Quadlet ends the list there, expected text');
      return writeWord(text, isToken(text, tokens) ? { ...rule, valid: QUADLET_WORD } : rule, tokens);
    case 'last':
      if (text === '' && !entry.emptySince)
        throw new TextProblem('is empty, which Quadlet treats as not set, expected text');
      // One pair of quotes around the text is taken away.
      if (/^".*"$/s.test(text)) return `"${writeWord(text, rule, tokens)}"`;
      return writeWord(text, isToken(text, tokens) ? { ...rule, valid: QUADLET_LINE } : rule, tokens);
    case 'text-c':
    case 'credential-c':
      return writeWord(text, rule, tokens).replace(/^ | $/g, '\\x20');
    default:
      return writeWord(text, rule, tokens);
  }
}

/** Writes one word of a command. @throws TextProblem */
export function escapeArgument(text: string, rule: { expands: boolean; specifiers: boolean }, tokens?: TokenEscaper) {
  const replacements = [
    ...BACKSLASH,
    ...QUOTE,
    ...(rule.specifiers ? PERCENT : []),
    ...(rule.expands ? DOLLAR : []),
    ...BREAKS,
  ];
  return writeWord(text, { replacements, hex: true, quote: 'if-needed' }, tokens);
}

const rules = new WeakMap<KeyEntry, WordRule>();

function ruleOf(entry: KeyEntry): WordRule {
  const rule = rules.get(entry) ?? makeRule(entry);
  rules.set(entry, rule);
  return rule;
}

function makeRule(entry: KeyEntry): WordRule {
  const valid = validOf(entry);
  const rule = { ...(RULES[entry.class ?? 'raw'] ?? BARE), ...(valid === undefined ? {} : { valid }) };
  if (!entry.specifiers) return rule;
  const dollar = QUADLET_CLASSES.has(entry.class ?? 'raw') ? DOLLAR : [];
  return { ...rule, replacements: [...rule.replacements, ...PERCENT, ...dollar] };
}

// `/path:options`: taken out of its quotes first, then the path is unescaped once more on its own.
function writePathOptions(text: string, rule: WordRule, tokens?: TokenEscaper): string {
  const [path = '', ...options] = splitTuple(text);
  const twice = { ...rule, replacements: [...BACKSLASH, ...COLON, ...rule.replacements] };
  const written = [writeWord(path, twice, tokens), ...options.map((option) => writeWord(option, rule, tokens))];
  return written.join(':');
}

// `/dev/sda 10M`: only the last blank separates, and only before access rights in a list that may lack them.
function writeDevice(text: string, entry: KeyEntry, rule: WordRule, tokens?: TokenEscaper): string {
  const [, device, rest] = /^(.*) (\S+)$/s.exec(text) ?? [];
  if (device === undefined || rest === undefined || (entry.kind === 'device-allow' && !/^[rwm]+$/.test(rest)))
    return writeWord(text, rule, tokens);
  return `${writeWord(device, rule, tokens)} ${writeWord(rest, rule, tokens)}`;
}

function checkName(text: string, entry: KeyEntry): void {
  if (text === '') throw new TextProblem('is empty, expected a name; reset([]) clears a list');
  if (/\s/.test(text)) throw new TextProblem('has a blank, expected one name, or several names in an array');
  const forbidden = entry.class === 'retain' ? /\\$/ : entry.list === 'comma' ? /["'\\,]/ : /["'\\]/;
  if (forbidden.test(text)) throw new TextProblem('has a quote, backslash or separator, expected a plain name');
}
