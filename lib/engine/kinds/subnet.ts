import type { Kind } from '../kind';

// ip(8) finds routes inside a subnet (root) and around it (match). Routes to single services are Bulkhead's own.
const LOOK = `
while IFS= read -r subnet; do
  case $subnet in *:*) family=-6 ;; *) family=-4 ;; esac
  for relation in root match; do
    ip "$family" route show table all to "$relation" "$subnet" 2>/dev/null
  done | sed '/^default\\b/d; / dev bh-/d; / dev lo\\b/d; / ::\\/0 /d; s/ *$//' | head -n 1 | sed "s|^|$subnet\t|"
done`;

/**
 * A range of addresses that a service assigns. Nothing is created for it. Its state is a route on the host that
 * overlaps it.
 */
export const subnet: Kind<string> = {
  name: 'subnet',
  programs: { ip: { package: 'iproute2' } },
  look: LOOK,
  read: (text) => text,
  asMade: () => '',
  isSame: () => true,

  plan(_name, route) {
    if (!route) return [];
    return [{ obstacle: `it overlaps a route of the host: ${route}`, advice: 'set another `subnet` or `subnet6`' }];
  },

  async act() {
    // Nothing is made, so that nothing is to be deleted.
  },
};
