/** A change that somebody makes to a service behind Bulkhead's back. */
export interface Change {
  readonly service: string;
  readonly what: string;
  readonly mutation: string;
  /** What the next plan says. */
  readonly expected: string | RegExp;
}

/** Rounds of changes. Each round changes every second service at once. */
export function roundsOf(services: readonly (readonly Change[])[]): [title: string, changes: readonly Change[]][] {
  // The other half must not be touched.
  const halves = [0, 1].map((half) => services.filter((_, index) => index % 2 === half));
  return halves.flatMap((half) => {
    const longest = Math.max(...half.map(({ length }) => length));
    const rounds = Array.from({ length: longest }, (_, index) => half.flatMap((changes) => changes[index] ?? []));
    return rounds.map((changes) => [titleOf(changes), changes] as [string, Change[]]);
  });
}

/** `file edited (systemd, podman); disabled (oci)` */
function titleOf(changes: readonly Change[]): string {
  const whats = [...new Set(changes.map(({ what }) => what))];
  const services = (what: string) => changes.filter((change) => change.what === what).map(({ service }) => service);
  return whats.map((what) => `${what} (${services(what).join(', ')})`).join('; ');
}
