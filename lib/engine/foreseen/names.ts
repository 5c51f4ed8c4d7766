import type { Manifest } from '../../manifest';
import { NAME_LOOKS, type NameLook } from '../kinds/names';
import { inScope } from '../scope';
import type { HostState } from '../state';
import type { Obstacle, Step } from '../step';

/** A name that a service claims of an engine. */
interface ClaimedName {
  readonly look: NameLook;
  readonly name: string;
}

function namesClaimed({ claims = [] }: Manifest): ClaimedName[] {
  return claims.flatMap((text) => {
    const look = NAME_LOOKS.find(({ claim }) => text.startsWith(`${claim} `));
    // Users may each have one of the same name.
    return look ? [{ look, name: text.slice(look.claim.length + 1).replace(/ of .*/, '') }] : [];
  });
}

const keyOf = ({ look: { claim }, name }: ClaimedName) => `${claim} ${name}`;

/** Lists of the observing script, and what of them a service asks about. */
export function namesToLookFor(manifest: Manifest): [list: string, name: string][] {
  return namesClaimed(manifest).map(({ look: { claim, scope }, name }) => [
    inScope(claim, scope === 'user' ? manifest.user : undefined),
    name,
  ]);
}

/** Reads what a look prints: the unit of each name that is there, by its claim. */
export function parseNames({ claim }: NameLook, text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [name = '', unit = ''] = line.split('\t');
    return name === '' ? [] : [[`${claim} ${name}`, unit]];
  });
}

/**
 * Names that a service is about to take, and that something has which is none of Bulkhead's. What somebody has put in the
 * place of the service itself is drift instead, which its start repairs.
 */
export function takenNames(manifest: Manifest, { names, records }: HostState, steps: readonly Step[]): Obstacle[] {
  if (manifest.adopt || !steps.some(({ verb }) => verb === 'start' || verb === 'restart')) return [];
  const record = records.get(manifest.name);
  const had = new Set(record?.complete ? namesClaimed(record.manifest).map(keyOf) : []);
  const ours = new Set([...Object.keys(manifest.units), ...[...records.values()].flatMap(({ owns }) => owns.units)]);
  return namesClaimed(manifest).flatMap((claimed) => {
    const { noun, remedy } = claimed.look;
    const unit = names?.get(keyOf(claimed));
    if (unit === undefined || ours.has(unit) || had.has(keyOf(claimed))) return [];
    const of = unit === '' ? '' : `, of ${unit}`;
    return [
      {
        at: ['claims'],
        action: `start ${manifest.name}`,
        problem: `${noun}${of}, which Bulkhead did not create`,
        advice: `${remedy(claimed.name)}, or give the service another \`name\``,
      },
    ];
  });
}
