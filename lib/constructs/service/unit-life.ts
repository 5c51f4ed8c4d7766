import type { UnitPart } from '../../manifest/index';

/**
 * How the unit of a service runs. A `program` keeps running, and a `job` runs to its end. Another unit, such as a
 * timer, starts a `triggered program` that keeps running, or a `triggered run` that ends.
 */
export type UnitLife = 'program' | 'job' | 'triggered program' | 'triggered run';

/** What an apply and a boot do with a unit of that life. The class describes its unit as a program. */
export function withLife(unit: UnitPart, life: UnitLife, { atBoot }: { readonly atBoot: boolean }): UnitPart {
  if (life === 'program') return unit;
  const { state: _, enabled: _enabled, ...others } = unit;
  const enabled = _enabled && atBoot ? { enabled: true } : {};
  if (life === 'job') return { state: 'done', ...enabled, ...others };
  // A triggered run is not interrupted: its next run uses the new files. A triggered program restarts to use them.
  return life === 'triggered run' ? { ...enabled, restartOn: [] } : { ...enabled, ...others };
}

/** Whether the [Install] section of a file starts its unit, apart from other units. */
export function hasInstall({ sections }: { readonly sections: Readonly<Record<string, object>> }): boolean {
  return Object.keys(sections.Install ?? {}).length > 0;
}
