import { TOKEN } from '../rendering/tokens';

/** Something wrong with a prop: what could not be done, with what, why, and what would do. */
export interface Problem {
  /** Verb in its plain form: `publish`, `set memory to`. */
  readonly action: string;
  readonly value: unknown;
  /** What is wrong: `port is out of range`. */
  readonly problem: string;
  /** What would be right: `1 to 65535`. */
  readonly expected: string;
  /** Construct path and prop: `shop/host/web.ports[0]`. */
  readonly at: string;
}

/** The one form in which this room words a problem. */
export function describe({ action, value, problem, expected, at }: Problem): string {
  return `Cannot ${action} ${show(value)}: ${readable(problem)}, expected ${expected} (at ${at})`;
}

/** @throws Error always. */
export function fail(problem: Problem): never {
  throw new Error(describe(problem));
}

/** Refuses two props of which none or both are given. `values` is how they are shown. @throws Error */
export function checkEither(action: string, values: Readonly<Record<string, unknown>>, at: string): void {
  const given = Object.values(values).filter((value) => value !== undefined);
  if (given.length === 1) return;
  const problem = given.length === 0 ? 'neither is given' : 'both are given';
  fail({ action, value: values, problem, expected: `either ${Object.keys(values).join(' or ')}`, at });
}

function show(value: unknown): string {
  const plain = typeof value === 'string' && !/\p{Control}|\p{Surrogate}/u.test(value);
  return cut(readable(plain ? `"${value}"` : asJson(value)));
}

// A construct is a circle of objects. Its text is its path.
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function readable(text: string): string {
  return text.replace(TOKEN, '(a value that only Terraform knows)');
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
