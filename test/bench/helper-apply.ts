import type { Manifest } from '../../lib/manifest';
import { readBundle } from '../../lib/rendering/read-bundle';
import { quote } from '../../lib/transport/quote';
import type { Fleet, StackOptions } from './fleet';
import { interleave, type Measurement, type Sample } from './measure';

const UNITS = '/etc/systemd/system';
const ENABLED = `${UNITS}/multi-user.target.wants`;

/**
 * `bulkhead apply` of so many new services, and a shell script that leaves the same files and starts the same units. The
 * floor is the same whether they are sandboxed or not.
 */
export async function helperApply(
  fleet: Fleet,
  count: number,
  rounds: number,
  options: StackOptions = {},
): Promise<Measurement> {
  await fleet.resize(0);
  const stack = fleet.stack(count, options);
  const units = unitsOf(fleet.stack(count).bundle);
  const names = quote([...units.keys()]);
  const install = [...[...units].map(installing), 'systemctl daemon-reload', `systemctl start ${names}`];
  const remove = [`systemctl disable --now --quiet ${names}`, `cd ${UNITS}`, `rm ${names}`, 'systemctl daemon-reload'];
  const undone = async (measured: Promise<Sample>, undo: () => Promise<Sample>): Promise<Sample> => {
    const sample = await measured;
    await undo();
    return sample;
  };
  return interleave(
    rounds,
    () => undone(fleet.apply(stack), () => fleet.destroy(stack)),
    () => undone(script(fleet, install), () => script(fleet, remove)),
  );
}

/**
 * `bulkhead apply` after one of so many services has changed, and a shell script that writes the file of one, reloads
 * and restarts it.
 */
export async function helperChange(fleet: Fleet, count: number, rounds: number): Promise<Measurement> {
  await fleet.resize(count);
  const [text] = unitsOf(fleet.stack(count).bundle).values();
  const textOf = (round: number) => `${text}# ${round}\n`;
  // A unit of its own, so that Bulkhead finds nothing changed but what it is to change.
  const name = 'bench-floor.service';
  await script(fleet, [installing([name, textOf(-1)]), 'systemctl daemon-reload', `systemctl start ${name}`]);
  const measurement = await interleave(
    rounds,
    (round) => fleet.apply(fleet.stack(count, { setting: String((round + 1) % 2) })),
    (round) => script(fleet, [writing([name, textOf(round)]), 'systemctl daemon-reload', `systemctl restart ${name}`]),
  );
  await fleet.apply(fleet.stack(count));
  await script(fleet, [`systemctl disable --now --quiet ${name}`, `rm ${UNITS}/${name}`, 'systemctl daemon-reload']);
  return measurement;
}

/** Text of each unit of a bundle, by name. */
function unitsOf(bundle: string): Map<string, string> {
  const manifests: readonly Manifest[] = readBundle(bundle).hosts.flatMap((host) => host.manifests);
  return new Map(
    manifests.flatMap(({ files }) =>
      Object.entries(files).map(([path, { content = '' }]) => [path.slice(UNITS.length + 1), content]),
    ),
  );
}

function writing([name, text]: readonly [string, string]): string {
  return `printf %s ${quote([text])} > ${quote([`${UNITS}/${name}`])}`;
}

function installing([name, text]: readonly [string, string]): string {
  return `${writing([name, text])}; ln -s ${quote([`${UNITS}/${name}`, `${ENABLED}/${name}`])}`;
}

function script(fleet: Fleet, lines: readonly string[]): Promise<Sample> {
  return fleet.ssh(['sh', '-eu'], { input: `${lines.join('\n')}\n` });
}
