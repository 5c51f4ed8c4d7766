import { quoteIfNeeded } from '../transport/quote';

/** The command as the user typed it, for a shell, with further words. */
export function commandLine(...more: readonly string[]): string {
  return ['bulkhead', ...[...process.argv.slice(2), ...more].map(quoteIfNeeded)].join(' ');
}
