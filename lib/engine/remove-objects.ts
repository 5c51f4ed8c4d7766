import { run } from './run';
import type { Scope } from './scope';

/**
 * Removes containers that some units have left, which happens when a stop ran into its timeout: Quadlet labels each
 * container with its unit, so they are told from all others.
 */
export async function removeContainers(scope: Scope, units: readonly string[]): Promise<void> {
  const label = 'PODMAN_SYSTEMD_UNIT';
  const format = `{{.ID}} {{index .Labels "${label}"}}`;
  const { stdout } = await scope.run(['podman', 'ps', '--all', '--filter', `label=${label}`, '--format', format]);
  const left = stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, unit]) => unit !== undefined && units.includes(unit))
    .flatMap(([id]) => id ?? []);
  if (left.length > 0) await scope.run(['podman', 'rm', '--force', '--ignore', '--volumes', ...left]);
}

/** Removes images from podman's store. Ones that are gone already are fine. @throws ApplyError when one is in use */
export async function removeImages(scope: Scope, references: readonly string[]): Promise<void> {
  if (references.length === 0) return;
  const command = ['podman', 'image', 'rm', '--ignore', ...references];
  await run(scope, command, { action: `remove ${references.join(', ')}`, command });
}

/**
 * Removes networks, volumes and images from podman's store, with the data in them, and network interfaces. Ones that are
 * gone already are fine: a unit may remove what it made when it stops.
 * @throws ApplyError when one is in use
 */
export async function removeObjects(scope: Scope, keys: readonly string[]): Promise<void> {
  const named = (kind: string) =>
    keys.filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1));
  await removeLinks(scope, named('link'));
  for (const kind of ['network', 'volume', 'image']) {
    const wanted = named(kind);
    if (wanted.length === 0) continue;
    const format = kind === 'image' ? '{{.Repository}}:{{.Tag}}' : '{{.Name}}';
    const { stdout } = await scope.run(['podman', kind, 'ls', '--format', format]);
    const there = new Set(stdout.toString().split('\n'));
    const names = wanted.filter((name) => there.has(name));
    if (names.length === 0) continue;
    const command = ['podman', kind, 'rm', ...names];
    await run(scope, command, { action: `remove ${kind} ${names.join(', ')}`, command });
  }
}

const REMOVE_LINKS = 'for link; do [ ! -e "/sys/class/net/$link" ] || ip link delete "$link"; done';

async function removeLinks(scope: Scope, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await run(scope, ['sh', '-euc', REMOVE_LINKS, 'sh', ...names], { action: `remove interface ${names.join(', ')}` });
}
