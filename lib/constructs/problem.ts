import { TOKEN } from '../rendering/tokens';

/** A problem with a prop. */
export interface Problem {
  /** What the library could not do, as a verb in its plain form: `publish`, `set memory to`. */
  readonly action: string;
  readonly value: unknown;
  /** What is wrong: `port is out of range`. */
  readonly problem: string;
  /** What would be right: `1 to 65535`. */
  readonly expected: string;
  /** Construct path and prop: `shop/host/web.ports[0]`. */
  readonly at: string;
}

/** The message for a problem. All messages of this room have this form. */
export function describe({ action, value, problem, expected, at }: Problem): string {
  return `Cannot ${action} ${show(value)}: ${readable(problem)}, expected ${expected} (at ${at})`;
}

/** @throws Error always. */
export function fail(problem: Problem): never {
  throw new Error(describe(problem));
}

/** Refuses two props when none or both are set. `values` is shown in the message. @throws Error */
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

// A construct refers to itself, so JSON can't show it. Its text is its path.
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
