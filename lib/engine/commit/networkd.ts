import type { Command } from '../sequence';

// If another program manages the host's network, nothing reads these files, so nothing needs a reload.
const RELOAD_SCRIPT = 'if systemctl is-active --quiet systemd-networkd; then exec networkctl reload; fi';

/**
 * Lets systemd-networkd read its files again: it creates new interfaces, configures interfaces whose files changed, and
 * releases interfaces whose files were deleted.
 * @throws ApplyError when it fails
 */
export const RELOAD_NETWORKD: Command = {
  argv: ['sh', '-c', RELOAD_SCRIPT],
  purpose: { action: 'reload systemd-networkd', command: ['networkctl', 'reload'] },
};
