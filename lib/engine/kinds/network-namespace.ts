import type { Kind } from '../kind';
import { run } from '../run';

const DELETE = 'for name; do [ ! -e "/run/netns/$name" ] || ip netns delete "$name"; done';

/** A named network namespace, as in ip-netns(8), which a unit creates. */
export const networkNamespace: Kind<true> = {
  name: 'network-namespace',
  programs: { ip: { package: 'iproute2' } },
  look: `for path in /run/netns/*; do [ ! -e "$path" ] || printf '%s\\t\\n' "\${path##*/}"; done`,
  read: () => true,
  asMade: () => true,

  async act(_phase, scope, changes) {
    const names = changes.map(({ name }) => name);
    await run(scope, ['sh', '-euc', DELETE, 'sh', ...names], {
      action: `remove network namespace ${names.join(', ')}`,
    });
  },
};
