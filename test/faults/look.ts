import type { Transport } from '../../lib/transport';
import { inventoryOf, shell } from '../host/inventory';

/**
 * Lists temporary files of an apply, which are orphaned when nobody removes them, and changes that have not ended. It does
 * not list an empty directory such as /run/bulkhead-oci, in which systemd makes those of units: it stays until the next
 * boot.
 */
const LEFTOVERS = `
[ ! -d /var/lib/bulkhead ] || ls -A /var/lib/bulkhead
find /run /tmp /var/tmp /home /root /etc /srv /var/lib/machines -xdev -maxdepth 6 \\
  \\( -name 'sequence.*' -o -name '*bulkhead-*' -o -path '*/.cache/bulkhead' \\) -not -path '/run/systemd/*' \\
  -not \\( -regex '/run/bulkhead-[a-z]*' -empty \\) 2>/dev/null | sort
grep -ls '"begun":true' /var/lib/bulkhead/services/* || :
`;

/**
 * Prints what programs of services run with: their words, the side in their environment, and the secrets that they see.
 * Of a generated value, it says whether the host has it. Scripts of the engine sleep as well, for a shorter time.
 * Processes may end while this looks at them, which must not hide the others.
 */
const RUNNING = `
values=/var/lib/bulkhead-secrets/generated
{ grep -lsz '^SIDE=' /proc/[0-9]*/environ || :; pgrep -f '^[a-z/]*sleep (infinity|[12]000)$' | sed 's|.*|/proc/&/environ|'; } | sort -u |
  while IFS= read -r environ; do
    process=\${environ%/environ}
    words=$(tr '\\0' ' ' < "$process/cmdline") || continue
    side=$(grep -sz '^SIDE=' "$environ" | tr -d '\\0')
    seen=
    for file in "$process"/root/run/secrets/* "$process"/root/run/credentials/*/*; do
      [ -f "$file" ] || continue
      value=generated
      grep -qsxFf "$file" $values/* || value=$(cat "$file") || continue
      seen="$seen \${file##*/}=$value"
    done
    [ -z "$words" ] || echo "runs $words$side$seen"
  done 2>/dev/null | sort -u
`;

/** All that is on a host and runs there, a line each, without what differs each time. */
export async function look(host: Transport): Promise<string> {
  const [inventory, leftovers, running] = await Promise.all([
    inventoryOf(host),
    shell(host, LEFTOVERS),
    shell(host, RUNNING),
  ]);
  // Containers, their namespaces and interfaces, what was built, images of instances, users and versions have another
  // identifier each time.
  return (inventory + leftovers + running)
    .replace(/[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replace(/^(,|veth)[0-9a-f]{7,12}$/gm, '$1ID')
    .replace(/(\/generations\/[^/\n]+)\/\d+/g, '$1/NUMBER')
    .replace(/:\d+:\d+:Services of Bulkhead/g, ':ID:ID:');
}
