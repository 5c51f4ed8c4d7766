import type { UnitPart } from '../../manifest/index';

/**
 * What the unit of a service is to be: a program that runs, a job that runs to its end, or one that another unit starts,
 * such as a timer, for a `run` to its end or for as long as it likes.
 */
export type UnitLife = 'program' | 'job' | 'triggered program' | 'triggered run';

/** What an apply and a boot do with a unit of that life. A class states it as that of a program. */
export function withLife(unit: UnitPart, life: UnitLife, { atBoot }: { readonly atBoot: boolean }): UnitPart {
  if (life === 'program') return unit;
  const { state: _, enabled: _enabled, ...others } = unit;
  const enabled = _enabled && atBoot ? { enabled: true } : {};
  if (life === 'job') return { state: 'done', ...enabled, ...others };
  // A run goes on to its end; the next one takes what is new. A program that runs restarts with what is new.
  return life === 'triggered run' ? { ...enabled, restartOn: [] } : { ...enabled, ...others };
}

/** Whether a file says when to start its unit, apart from what another unit does. */
export function hasInstall({ sections }: { readonly sections: Readonly<Record<string, object>> }): boolean {
  return Object.keys(sections.Install ?? {}).length > 0;
}
