/** A change that somebody makes to a service behind Bulkhead's back. */
export interface Change {
  readonly service: string;
  readonly what: string;
  readonly mutation: string;
  /** What the next plan says. */
  readonly expected: string | RegExp;
}

/** One of this many groups of services is left alone in each round, each group in turn. */
const GROUPS = 6;

/** Rounds of changes, which change many services at once. Those that a round leaves alone must not be touched. */
export function roundsOf(services: readonly (readonly Change[])[]): [title: string, changes: readonly Change[]][] {
  const left = services.map((changes) => [...changes]);
  const rounds: [string, Change[]][] = [];
  while (left.some(({ length }) => length > 0)) {
    const alone = rounds.length % GROUPS;
    const changes = left.flatMap((queue, index) => (index % GROUPS === alone ? [] : queue.splice(0, 1)));
    rounds.push([titleOf(changes), changes]);
  }
  return rounds;
}

/** `file edited (systemd, podman); disabled (oci)` */
function titleOf(changes: readonly Change[]): string {
  const whats = [...new Set(changes.map(({ what }) => what))];
  const services = (what: string) => changes.filter((change) => change.what === what).map(({ service }) => service);
  return whats.map((what) => `${what} (${services(what).join(', ')})`).join('; ');
}
