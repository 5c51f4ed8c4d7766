import type { Transport } from '../transport';
import { run } from './run';

/** Whether systemd-networkd reads a file. @see systemd.network(5) */
export function isNetworkdFile(path: string): boolean {
  return /^\/(?:etc|run)\/systemd\/network\//.test(path);
}

// On a host that manages its network otherwise the files are nobody's, and right where they are.
const RELOAD_SCRIPT = 'if systemctl is-active --quiet systemd-networkd; then exec networkctl reload; fi';

/**
 * Makes systemd-networkd read its files again: it makes interfaces that are new, configures those whose files changed,
 * and lets go of those whose files are gone.
 * @throws ApplyError when it can't
 */
export async function reloadNetworkd(transport: Transport, signal?: AbortSignal): Promise<void> {
  const purpose = { action: 'reload systemd-networkd', command: ['networkctl', 'reload'] };
  await run(transport, ['sh', '-c', RELOAD_SCRIPT], purpose, signal ? { signal } : {});
}
