import { type IResolvable, type IResolveContext, Token } from './cdktf';

/** Matches unresolved tokens in a text: references, and numbers that stand for a reference. */
export const TOKEN = /\$\{TfToken\[[^\]]+\]\}|-\d(?:\.\d+)?e\+2\d\d/g;

/** Whether a text has a value that only Terraform knows. */
export function hasToken(text: string): boolean {
  return text.search(TOKEN) >= 0;
}

/**
 * Writes a text for Terraform, which reads every string as a template: `${` and `%{` are doubled, and tokens stay. A
 * `$` right before a token is written as its own interpolation, since `$${` would be an escape. So is a carriage
 * return, since Terraform does not read the rest of its line as a template.
 */
export function toTemplate(text: string): string {
  if (!mayNeedTemplate(text)) return text;
  let template = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    template += escapeLiteral(text.slice(end, match.index)).replace(/\$+$/, '${"$&"}') + match[0];
    end = match.index + match[0].length;
  }
  // Terraform drops a byte order mark at the start of a template.
  return (template + escapeLiteral(text.slice(end))).replace(/^\ufeff/, '${"\\ufeff"}');
}

/** Applies {@link toTemplate} to all texts of a value. Terraform reads the keys of an object as templates, too. */
export function templates(value: unknown): unknown {
  if (typeof value === 'string') return toTemplate(value);
  if (Array.isArray(value)) return value.map(templates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toTemplate(key), templates(item)]));
}

/** Whether a template may differ from a text, or from any text in a JSON text. */
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
 * A record without tokens, to be written unchanged. cdktf searches everything that it gets for tokens, three times and
 * text by text, but it does not search this. It has the record's own keys, so that cdktf's test helpers see the
 * attributes.
 */
export class Literal implements IResolvable {
  /** Returns the value itself when it is not a record, or has a token. Only `part` may have tokens. */
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
    // cdktf searches the result of a token for tokens, but not the result of a post-processor.
    context.registerPostProcessor({ postProcess: () => this });
  }
}

const ANY_TOKEN = /\{TfToken\[|-\d(?:\.\d+)?e\+2\d\d/;

/** Whether a JSON text may have a token of any kind. */
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
 * Lets the writers of config files put a token into a text. Terraform applies the same replacements to the token's
 * value, once it knows the value. If a format can't express a line break, Terraform fails for a value with one, so that
 * no value can add lines. It also fails for a value that does not match `valid`.
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
    // Outside of quotes, a backslash at the end would join the next line.
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

// Terraform's language lacks these two escapes of JSON.
function quote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };
  return double(JSON.stringify(text).replace(/\\./g, (pair) => escapes[pair] ?? pair));
}
