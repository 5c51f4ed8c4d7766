import { Raw, Reset } from './values';

/** Whether a value is written and says something. `[]` is not written, and `reset([])` leaves the default. */
export function isSet(value: unknown): boolean {
  if (value instanceof Reset) return value.values.length > 0;
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** The keys of a section that are set, with texts that stand for values not known yet as raw ones. */
export function withRaw(file: object, isUnknown: (text: string) => boolean): object {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return isUnknown(value) ? new Raw(value) : value;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== 'object' || value === null || value instanceof Raw || value instanceof Reset) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]));
  };
  return hide(file) as object;
}
