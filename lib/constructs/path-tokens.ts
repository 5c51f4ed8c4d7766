import { tokenEscaper } from '../rendering/tokens';

/**
 * A path that begins with a value that only Terraform knows gets a check there: one that is not absolute is an error
 * before anything is touched. Others are left as they are.
 */
export function checkedWhenKnown(path: string): string {
  return path.replace(/^\$\{TfToken\[[^\]]+\]\}/, (token) => tokenEscaper.escape(token, [], '^/[^\\n]*$'));
}

/** Whether a path is absolute, as far as it is known. */
export function mayBeAbsolute(path: string): boolean {
  return /^(?:\/|\$\{TfToken\[[^\]]+\]\})/.test(path);
}
