import { claimsCollide, isPortClaim, parseClaim } from '../../containment';
import { belongsTo, type Manifest } from '../../manifest';
import { LISTENS_FOR_OTHERS } from '../kinds/listening';
import type { HostState, Listener } from '../state';
import type { Obstacle, Step } from '../step';

/**
 * Prints who listens on some ports: address, program, process and control group, or the socket unit if it is systemd.
 * Standard input: ports, one a line.
 */
export const LISTENERS_LOOK = `
ports=$(sort -u | tr '\\n' ' ') tab=$(printf '\\t')
ss -Hlntup 2>/dev/null | awk -v ports=" $ports" '{
  port = $5; sub(/.*:/, "", port)
  if (!index(ports, " " port " ")) next
  users = $0; found = 0
  while (match(users, /\\("[^"]*",pid=[0-9]+/)) {
    user = substr(users, RSTART + 2, RLENGTH - 2); users = substr(users, RSTART + RLENGTH)
    split(user, parts, "\\",pid="); print $1 "\\t" $5 "\\t" parts[1] "\\t" parts[2]; found = 1
  }
  if (!found) print $1 "\\t" $5 "\\t\\t"
}' | while IFS=$tab read -r protocol address program pid; do
  if [ "$pid" = 1 ]; then
    group=$(systemctl list-sockets --full --no-legend --no-pager 2>/dev/null |
      awk -v port=":\${address##*:}" 'substr($1, length($1) - length(port) + 1) == port { print "/" $2; exit }')
  else group=$(sed -n 's/^\\(0\\|1:name=systemd\\):[^:]*:*//p' "/proc/$pid/cgroup" 2>/dev/null | tail -n 1); fi
  printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$protocol" "$address" "$program" "$pid" "$group"
done
exit 0`;

/** Reads that. */
export function parseListeners(text: string): Listener[] {
  return text.split('\n').flatMap((line) => {
    const [protocol = '', address = '', program = '', pid = '', group = ''] = line.split('\t');
    if (address === '') return [];
    const units = group.split('/').filter((part) => /\.(?:service|socket|scope)$/.test(part));
    const ofUser = units.some((unit) => unit.startsWith('user@')) && units.length > 1;
    return [{ claim: `${protocol} ${addressOf(address)}`, program, pid, unit: units.at(-1) ?? '', ofUser }];
  });
}

// ss(8) adds the interface that a socket is bound to.
function addressOf(address: string): string {
  const [, ip = '', port = ''] = /^(.*):(\d+)$/.exec(address.replace(/%[^:\]]+/, '')) ?? [];
  const mapped = /^\[::ffff:([\d.]+)\]$/.exec(ip)?.[1];
  return `${mapped ?? ip}:${port}`;
}

/** Ports that a service claims, for the list of the observing script. */
export function portsClaimed({ claims = [] }: Manifest): string[] {
  return claims.filter(isPortClaim).flatMap((claim) => /:(\d+)$/.exec(claim)?.[1] ?? []);
}

/**
 * Ports that a service is about to listen on, and on which something listens that is none of Bulkhead's, or which a
 * service of another stack has. A service of the same stack may be leaving in the same deploy.
 */
export function takenPorts(manifest: Manifest, state: HostState, steps: readonly Step[]): Obstacle[] {
  if (!steps.some(({ verb }) => verb === 'start' || verb === 'restart')) return [];
  return (manifest.claims ?? []).filter(isPortClaim).flatMap((claim) => {
    const problem = listened(manifest, state, claim) ?? claimedElsewhere(manifest, state, claim);
    return problem ? [{ at: ['claims'], action: `publish ${claim} of ${manifest.name}`, ...problem }] : [];
  });
}

type Problem = Pick<Obstacle, 'problem' | 'advice'>;

function listened(manifest: Manifest, { listeners = [], records }: HostState, claim: string): Problem | undefined {
  const on = listeners.filter((listener) => claimsCollide(parseClaim(claim), parseClaim(listener.claim)));
  const [first] = on;
  if (!first) return undefined;
  const recorded = [...records.values()];
  const units = new Set([...Object.keys(manifest.units), ...recorded.flatMap(({ owns }) => owns.units)]);
  const claimed = recorded.flatMap((record) => portsOf(record.manifest));
  const isOurs = ({ claim, unit, ofUser }: Listener) => {
    if (units.has(unit)) return true;
    if (unit !== '' && !ofUser && !LISTENS_FOR_OTHERS.test(unit)) return false;
    return manifest.adopt === true || claimed.some((other) => claimsCollide(other, parseClaim(claim)));
  };
  // A socket that a unit handed to a program is held by both.
  if (on.some(isOurs)) return undefined;
  return {
    problem: `${describe(first)} listens on ${first.claim}`,
    advice: `stop it, or give ${manifest.name} another port`,
  };
}

function claimedElsewhere(manifest: Manifest, { records }: HostState, claim: string): Problem | undefined {
  const other = [...records.values()]
    .map((record) => record.manifest)
    .filter((recorded) => !belongsTo(recorded, manifest))
    .find((recorded) => portsOf(recorded).some((port) => claimsCollide(port, parseClaim(claim))));
  if (!other) return undefined;
  return {
    problem: `the service "${other.name}" of stack "${other.stack}" has it (${other.path})`,
    advice: 'give one of the two another port, or destroy the other first',
  };
}

const portsOf = ({ claims = [] }: Manifest) => claims.filter(isPortClaim).map(parseClaim);

function describe({ program, pid, unit }: Listener): string {
  const who = program === '' ? 'something' : pid === '1' && unit !== '' ? unit : `${program} (process ${pid})`;
  return unit === '' || who === unit ? who : `${who} of ${unit}`;
}
