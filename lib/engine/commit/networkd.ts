import type { Command } from '../sequence';

// On a host that manages its network otherwise the files are nobody's, and right where they are.
const RELOAD_SCRIPT = 'if systemctl is-active --quiet systemd-networkd; then exec networkctl reload; fi';

/**
 * Makes systemd-networkd read its files again: it makes interfaces that are new, configures those whose files changed,
 * and lets go of those whose files are gone.
 * @throws ApplyError when it can't
 */
export const RELOAD_NETWORKD: Command = {
  argv: ['sh', '-c', RELOAD_SCRIPT],
  purpose: { action: 'reload systemd-networkd', command: ['networkctl', 'reload'] },
};
