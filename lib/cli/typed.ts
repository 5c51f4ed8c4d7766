import { quote } from '../transport/quote';

/** The command as the user typed it, for a shell, with further words. */
export function typed(...more: readonly string[]): string {
  return ['bulkhead', ...[...process.argv.slice(2), ...more].map(quoteIfNeeded)].join(' ');
}

function quoteIfNeeded(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote([word]);
}
