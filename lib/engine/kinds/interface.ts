import type { Kind } from '../kind';
import { run } from '../run';

const DELETE = 'for name; do [ ! -e "/sys/class/net/$name" ] || ip link delete "$name"; done';

/** A network interface, which a unit or systemd-networkd creates. */
export const networkInterface: Kind<true> = {
  name: 'interface',
  programs: { ip: { package: 'iproute2' } },
  look: `for path in /sys/class/net/*; do printf '%s\\t\\n' "\${path##*/}"; done`,
  read: () => true,
  asMade: () => true,

  async act(_phase, scope, changes) {
    const names = changes.map(({ name }) => name);
    await run(scope, ['sh', '-euc', DELETE, 'sh', ...names], { action: `remove interface ${names.join(', ')}` });
  },
};
