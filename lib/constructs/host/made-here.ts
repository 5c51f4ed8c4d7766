import { assignments, isUnitFile, type Manifest, type ObjectPart, parseObjectKey } from '../../manifest/index';
import { EXEC_DIRECTORIES } from '../props/exec-directories';
import { type CheckedHost, sameHosts } from './host-checks';
import type { HostedService } from './hosted-service';
import { revisionOf } from './revision';

/** What the services of a host make of what others may need there. */
interface MadeHere {
  readonly files: ReadonlySet<string>;
  /** Directories that the files are in. */
  readonly above: ReadonlySet<string>;
  /** Directories that somebody makes and fills while it runs. */
  readonly filled: ReadonlySet<string>;
  /** Directories that a construct of their own makes. */
  readonly declared: ReadonlySet<string>;
  /** Directories that are made for volumes, with the name of each service whose volume it is. */
  readonly ofVolumes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly users: ReadonlySet<string>;
}

/** Keys of units that make directories, and where. @see systemd.exec(5), systemd.mount(5) */
const DIRECTORIES: Readonly<Record<string, string>> = { ...EXEC_DIRECTORIES, Where: '' };

// Asked for each service, of which a host may have thousands.
const known = new WeakMap<CheckedHost, { readonly revision: number; readonly made: MadeHere }>();

function madeOn(host: CheckedHost): MadeHere {
  const revision = revisionOf(host.node.root);
  let cached = known.get(host);
  if (cached?.revision !== revision) {
    const services = sameHosts(host).flatMap(({ services }) => services);
    cached = { revision, made: madeBy(services) };
    known.set(host, cached);
  }
  return cached.made;
}

function madeBy(services: readonly HostedService[]): MadeHere {
  const [files, filled, declared, users] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const ofVolumes = new Map<string, Set<string>>();
  for (const { made } of services) {
    for (const [path, { content = '' }] of Object.entries(made.files)) {
      files.add(path);
      for (const { key, value } of isUnitFile(path) ? assignments(content) : []) {
        const base = DIRECTORIES[key];
        if (base !== undefined) for (const word of value.split(' ')) filled.add(base + word.replace(/:.*/, ''));
      }
    }
    for (const claim of made.claims ?? []) if (claim.startsWith('file ')) files.add(claim.slice('file '.length));
    for (const [key, { spec }] of Object.entries(made.objects)) {
      const { kind, name = '' } = parseObjectKey(key) ?? {};
      if (kind === 'user') users.add(name);
      else if (kind !== 'directory') filled.add(name);
      else if (spec?.existing === undefined) declared.add(name);
      else ofVolumes.set(name, (ofVolumes.get(name) ?? new Set()).add(made.name));
    }
  }
  const above = new Set([...files].flatMap((file) => pathsTo(file).slice(0, -1)));
  return { files, above, filled, declared, ofVolumes, users };
}

// Synthesis asks several times.
const results = new WeakMap<Manifest, { readonly made: MadeHere; readonly manifest: Manifest }>();

/**
 * A manifest without the needs that its host meets by what the same program puts there, and without directories that
 * something else there makes. The same as long as nothing changes.
 */
export function withoutMadeHere(manifest: Manifest, host: CheckedHost): Manifest {
  if (!manifest.needs && !Object.entries(manifest.objects).some(isVolume)) return manifest;
  const made = madeOn(host);
  let result = results.get(manifest);
  if (result?.made !== made) {
    result = { made, manifest: without(made, manifest) };
    results.set(manifest, result);
  }
  return result.manifest;
}

const isVolume = ([key, { spec }]: [string, ObjectPart]) =>
  key.startsWith('directory:') && spec?.existing !== undefined;

function without(made: MadeHere, manifest: Manifest): Manifest {
  const { needs: all = {}, objects, ...others } = manifest;
  const needs = Object.entries(all).filter(([need]) => !isMade(need, made, manifest.name));
  const left = Object.entries(objects).filter(([key, part]) => {
    if (!isVolume([key, part])) return true;
    const path = key.slice('directory:'.length);
    return !made.files.has(path) && !made.declared.has(path) && !isBelow(path, made.filled);
  });
  return {
    ...others,
    objects: Object.fromEntries(left),
    ...(needs.length > 0 && { needs: Object.fromEntries(needs) }),
  };
}

function isMade(need: string, made: MadeHere, service: string): boolean {
  const [, kind = '', value = ''] = /^(\w+) (.*)$/.exec(need) ?? [];
  if (kind === 'user' || kind === 'group') return made.users.has(value);
  if (made.files.has(value) || made.above.has(value)) return true;
  if (isBelow(value, made.filled) || isBelow(value, made.declared)) return true;
  return pathsTo(value).some((path) => {
    const services = made.ofVolumes.get(path) ?? new Set();
    return services.size > (services.has(service) ? 1 : 0);
  });
}

function isBelow(path: string, directories: ReadonlySet<string>): boolean {
  return pathsTo(path).some((each) => directories.has(each));
}

/** `/srv/shop` -> `''`, `/srv`, `/srv/shop` */
function pathsTo(path: string): string[] {
  return path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
}
