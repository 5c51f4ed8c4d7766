import { posix } from 'node:path';
import { kindOf, type Manifest } from '../manifest';

/** Digests of what the units of a service use of other services, by how they refer to it. */
export function usedBy({ units }: Pick<Manifest, 'units'>): Map<string, string> {
  return new Map(Object.values(units).flatMap(({ triggers, reloads }) => Object.entries({ ...triggers, ...reloads })));
}

/** Whether a service brings what others refer to by a path, or by the name of a file. */
export function brings({ files, objects }: Pick<Manifest, 'files' | 'objects'>, used: string): boolean {
  const isFile = (path: string) => path === used || path.startsWith(`${used}/`) || posix.basename(path) === used;
  const { base, name } = posix.parse(used);
  return (
    Object.keys(files).some(isFile) || Object.keys(objects).some((key) => [used, base, name].includes(kindOf(key).of))
  );
}
