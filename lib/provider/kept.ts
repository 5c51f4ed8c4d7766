import { isSoundRecord } from '../engine';
import { parseObjectKey } from '../manifest';
import { DiagnosticError } from './diagnostics';
import type { Context } from './resource';
import type { SeenHost } from './seen-host';

/** Data that Terraform keeps beside the state of a service. */
export interface Kept {
  /** The instance of the service. Undefined for a service that was imported and not updated yet. */
  readonly instance: string | undefined;
  /** The host, if it differed. */
  readonly seen?: SeenHost;
}

/** The data kept for the service of an operation. @throws DiagnosticError when this provider did not write it */
export function keptOf({ private: kept }: Context): Kept {
  if (kept === undefined) return { instance: undefined };
  if (isKept(kept)) return kept;
  throw new DiagnosticError('Cannot use the private data in the state of a service: it is damaged', {
    detail: 'Restore the state from a backup, or remove the service from it by `terraform state rm` and import it.',
  });
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (check: (value: unknown, key: string) => boolean): Check =>
  (value) =>
    isRecord(value) && Object.entries(value).every(([key, inner]) => check(inner, key));
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([field, check]) => check(value[field]));

const isSeen = shape({
  record: maybe(isSoundRecord),
  files: mapOf(shape({ type: isText, mode: isText, owner: isText, group: isText, sha256: maybe(isText) })),
  units: mapOf(
    shape({ loadState: isText, activeState: isText, unitFileState: isText, fragmentPath: isText, sourcePath: isText }),
  ),
  // Each kind defines what it keeps of an object.
  objects: mapOf((actual, key) => parseObjectKey(key) !== undefined && actual !== null),
  overrides: listOf(shape({ path: isText, name: isText, target: isText, dropIn: isFlag })),
  links: mapOf(listOf(isText)),
  loadPath: listOf(isText),
  interfaces: maybe(
    listOf(shape({ name: isText, addresses: listOf(isText), network: maybe(isText), link: maybe(isText) })),
  ),
  remade: maybe(mapOf(isText)),
  problem: maybe(isText),
});

const isKept = shape({ instance: maybe(isText), seen: maybe(isSeen) }) as (value: unknown) => value is Kept;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
