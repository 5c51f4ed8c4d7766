import type { Kind } from '../kind';
import { run } from '../run';

const DELETE = 'for name; do ! nft list table inet "$name" >/dev/null 2>&1 || nft delete table inet "$name"; done';

/** A table of nftables, of the family inet, which a unit loads. A flush of all rules deletes it. */
export const nftTable: Kind<true> = {
  name: 'nft-table',
  programs: { nft: { package: 'nftables' } },
  look: `nft list tables inet 2>/dev/null | sed -n 's/^table inet \\(.*\\)/\\1\t/p'`,
  read: () => true,
  asMade: () => true,

  async act(_phase, scope, changes) {
    const names = changes.map(({ name }) => name);
    await run(scope, ['sh', '-euc', DELETE, 'sh', ...names], { action: `remove rules ${names.join(', ')}` });
  },
};
