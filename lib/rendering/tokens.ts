import { type IResolvable, type IResolveContext, Token } from './cdktf';

/** Finds unresolved tokens in a text: references, and numbers that stand for one. */
export const TOKEN = /\$\{TfToken\[[^\]]+\]\}|-\d(?:\.\d+)?e\+2\d\d/g;

/** Whether a text holds a value that only Terraform will know. */
export function hasToken(text: string): boolean {
  return text.search(TOKEN) >= 0;
}

/**
 * Writes a text for Terraform, which reads every string as a template: `${` and `%{` are doubled, tokens stay. A `$`
 * right before a token goes through an interpolation of its own, since `$${` would make it an escape. So does a
 * carriage return, since Terraform takes what comes after one on its line for no template.
 */
export function toTemplate(text: string): string {
  if (!mayNeedTemplate(text)) return text;
  let template = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    template += escapeLiteral(text.slice(end, match.index)).replace(/\$+$/, '${"$&"}') + match[0];
    end = match.index + match[0].length;
  }
  // In front of a template a byte order mark is dropped.
  return (template + escapeLiteral(text.slice(end))).replace(/^\ufeff/, '${"\\ufeff"}');
}

/** The same for all texts of a value. Terraform reads the keys of an object as templates, too. */
export function templates(value: unknown): unknown {
  if (typeof value === 'string') return toTemplate(value);
  if (Array.isArray(value)) return value.map(templates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toTemplate(key), templates(item)]));
}

/** Whether a template differs from a text, or from any of those that a JSON text holds. */
export function mayNeedTemplate(text: string): boolean {
  return /[$%]\{|e\+|\ufeff/.test(text);
}

function escapeLiteral(text: string): string {
  return double(text).replace(/[$%]*\r+/g, (part) => `\${"${part.replaceAll('\r', '\\r')}"}`);
}

function double(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&');
}

/**
 * A record without tokens, and so just what is to be written. cdktf looks for tokens in everything it is given, three
 * times over and text by text; into this it does not look. It has the record's own keys, so that cdktf's test helpers see
 * the attributes.
 */
export class Literal implements IResolvable {
  /** The value itself when it is no record, or holds a token of whatever kind. `part` is all of it that may hold one. */
  static of(value: unknown, part: unknown = value): unknown {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord && !holdsToken(part) ? new Literal(value) : value;
  }

  private constructor(record: object) {
    Object.assign(this, record);
  }

  get creationStack(): string[] {
    return [];
  }

  resolve(context: IResolveContext): undefined {
    // What a token resolves to is looked into; what a post-processor makes of that is not.
    context.registerPostProcessor({ postProcess: () => this });
  }
}

const ANY_TOKEN = /\{TfToken\[|-\d(?:\.\d+)?e\+2\d\d/;

/** Whether a token of whatever kind is in a JSON text. */
export function mayHoldToken(text: string): boolean {
  return ANY_TOKEN.test(text);
}

function holdsToken(value: unknown): boolean {
  if (typeof value === 'string') return ANY_TOKEN.test(value);
  if (typeof value !== 'object' || value === null || value instanceof Literal) return false;
  return Object.entries(value).some(([key, item]) => ANY_TOKEN.test(key) || holdsToken(item));
}

type Replacements = readonly (readonly [from: string, to: string])[];

/**
 * Lets the writers of config files put a token into a text: the same replacements that they make to a literal are made
 * to the token's value, by Terraform, once it is known. Where a format has no way to write a line break, Terraform
 * fails for a value that has one, so that no value can add lines of its own, and for one that does not match `valid`.
 */
export const tokenEscaper = {
  pattern: TOKEN,
  escape(token: string, replacements: Replacements, valid?: string): string {
    if (!token.startsWith('${')) return token; // A number has nothing to escape.
    return Token.asString(new Escaped(token, replacements, valid));
  },
};

class Escaped implements IResolvable {
  readonly creationStack = [];

  constructor(
    private readonly token: string,
    private readonly replacements: Replacements,
    private readonly valid: string | undefined,
  ) {}

  resolve(context: IResolveContext): string {
    const nested = context.suppressBraces === true;
    context.suppressBraces = true;
    const expression = this.expression(context.resolve(this.token));
    return nested ? expression : `\${${expression}}`;
  }

  private expression(value: string): string {
    const escapes = this.replacements.filter(([from, to]) => !isLineBreak(from) || to !== ' ');
    // Outside of quotes, a backslash at the end would take in the next line.
    const bare = !escapes.some(([from]) => from === '\\' || from === '"');
    const oneLine =
      escapes.length === this.replacements.length
        ? value
        : `regex(${quote(bare ? '^(?:[^\\n\\r]*[^\\n\\r\\\\])?$' : '^[^\\n\\r]*$')}, ${value})`;
    const checked = this.valid === undefined ? oneLine : `regex(${quote(this.valid)}, ${oneLine})`;
    return escapes.reduce((text, [from, to]) => `replace(${text}, ${quote(from)}, ${quote(to)})`, checked);
  }
}

function isLineBreak(text: string): boolean {
  return text === '\n' || text === '\r';
}

// Of the escapes of JSON, Terraform's language lacks these two.
function quote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };
  return double(JSON.stringify(text).replace(/\\./g, (pair) => escapes[pair] ?? pair));
}
