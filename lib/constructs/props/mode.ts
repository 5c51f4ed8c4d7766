import { fail } from '../problem';

/** Access rights as four octal digits. @throws Error */
export function checkMode(mode: string, at: string, prop: 'mode' | 'umask' = 'mode'): string {
  if (typeof mode === 'string' && /^0?[0-7]{3,4}$/.test(mode)) return mode.padStart(4, '0');
  return fail({
    action: `set ${prop} to`,
    value: mode,
    problem: `is not a ${prop}`,
    expected: `octal digits such as ${prop === 'mode' ? '"0644"' : '"0022"'}`,
    at: `${at}.${prop}`,
  });
}
