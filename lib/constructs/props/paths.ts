import { tokenEscaper } from '../../rendering/tokens';
import { fail } from '../problem';

/**
 * Adds a check to a path that begins with a value that only Terraform knows. Terraform then refuses a value that does
 * not begin with a slash, before it touches a host. Other paths are returned unchanged.
 */
export function checkedWhenKnown(path: string): string {
  return path.replace(/^\$\{TfToken\[[^\]]+\]\}/, (token) => tokenEscaper.escape(token, [], '^/[^\\n]*$'));
}

/** Whether a path is absolute, or begins with a value that is not known yet. */
export function mayBeAbsolute(path: string): boolean {
  return /^(?:\/|\$\{TfToken\[[^\]]+\]\})/.test(path);
}

/** Checks that a path is absolute. @throws Error */
export function absolutePath(value: string | undefined, prop: string, at: string): string | undefined {
  if (value === undefined) return value;
  if (typeof value === 'string' && mayBeAbsolute(value) && !/\/\.\.?(?:\/|$)/.test(value))
    return checkedWhenKnown(value);
  return fail({
    action: `use as ${prop}`,
    value,
    problem: 'is not an absolute path',
    expected: 'an absolute path without "." and ".."',
    at: `${at}.${prop}`,
  });
}
