import { kindOf, type Manifest, type ObjectPart } from '../manifest';
import type { ServiceRecord } from './service-record';

/**
 * Objects that a service no longer wants and keeps all the same, so that it can go back to them: those that it had before
 * the ones that it has now, of the kinds whose objects say so. They are removed with the next change, or with the service.
 */
export function keptObjects(
  desired: Pick<Manifest, 'objects'>,
  record: Pick<ServiceRecord, 'manifest' | 'owns'> | undefined,
): string[] {
  if (!record) return [];
  const kinds = new Set(
    Object.entries(desired.objects).flatMap(([key, part]) => (keeps(part) ? [kindOf(key).kind] : [])),
  );
  const isLeft = (key: string) => !(key in desired.objects) && kinds.has(kindOf(key).kind);
  const before = Object.keys(record.manifest.objects).filter(isLeft);
  return before.length > 0 ? before : record.owns.objects.filter(isLeft);
}

const keeps = ({ spec }: ObjectPart) => spec?.previous === 'kept';
