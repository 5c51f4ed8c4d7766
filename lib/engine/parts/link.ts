import { posix } from 'node:path';
import { assignments, type Manifest, type UnitPart } from '../../manifest';
import { ATTACHED_DIRECTORY } from '../paths';
import type { Step } from '../step';

/**
 * Directory in which `systemctl enable` creates links. Links elsewhere belong to packages and generators, or last until
 * the next boot.
 */
const DIRECTORY = '/etc/systemd/system';

/**
 * Keys of [Install] that name units, and the directory suffix of the links that they create. @see systemd.unit(5)
 * "[Install]"
 */
const DEPENDENCIES = {
  WantedBy: { suffix: 'wants', is: 'wanted' },
  RequiredBy: { suffix: 'requires', is: 'required' },
  UpheldBy: { suffix: 'upholds', is: 'upheld' },
} as const;

/** Links to units, by unit: `multi-user.target.wants/web.service`, or just the other name for an alias. */
export type Links = ReadonlyMap<string, readonly string[]>;

/** Links of the units of a service when all enabled units are enabled. Links of a template belong to its instances. */
export function linksOf({ files, units }: Pick<Manifest, 'files' | 'units'>): Links {
  const links = new Map<string, string[]>();
  const enabled = Object.keys(units).filter((name) => units[name]?.enabled === true);
  for (const name of enabled) {
    if (links.has(name)) continue;
    const own: string[] = [];
    links.set(name, own);
    const file = files[`${DIRECTORY}/${name}`] ?? files[`${ATTACHED_DIRECTORY}/${name}`];
    for (const { section, key, value } of assignments(file?.content ?? '')) {
      if (section !== 'Install') continue;
      const words = value.split(' ').map((word) => word.replaceAll('%%', '%'));
      if (key in DEPENDENCIES) {
        const { suffix } = DEPENDENCIES[key as keyof typeof DEPENDENCIES];
        own.push(...words.map((word) => `${word}.${suffix}/${name}`));
      }
      if (key === 'Alias') own.push(...words.filter((word) => word !== name));
      // Enabling the one unit enables the others.
      if (key === 'Also') enabled.push(...words.filter((word) => word in units));
    }
  }
  return links;
}

/** Steps for different links of a unit: it is enabled anew, or links to a unit that must not be enabled are removed. */
export function planLinks(name: string, { enabled }: UnitPart, wanted: Links, actual: Links): Step[] {
  if (name.includes('@') || enabled === false) return [];
  const [should, does] = [wanted.get(name) ?? [], actual.get(name) ?? []];
  const missing = should.filter((link) => !does.includes(link));
  const extra = does.filter((link) => !should.includes(link));
  if (enabled !== true)
    return extra.map((link) => ({
      verb: 'remove',
      kind: 'files',
      key: `${DIRECTORY}/${link}`,
      reason: `${name} ${meaning(link)}`,
    }));
  const reasons = [...missing.map((link) => meaning(link, 'is not')), ...extra.map((link) => `${meaning(link)}, too`)];
  return reasons.length === 0 ? [] : [{ verb: 'enable', kind: 'units', key: name, reason: reasons.join('; ') }];
}

function meaning(link: string, is = 'is'): string {
  const [, by, suffix] = /^(.*)\.([a-z]+)\//.exec(link) ?? [];
  const dependency = Object.values(DEPENDENCIES).find((known) => known.suffix === suffix);
  return dependency ? `${is} ${dependency.is} by ${by}` : `${is} called ${link}`;
}

/** Reads the links in a listing of unit directories. */
export function parseLinks(listing: readonly { readonly path: string; readonly target: string }[]): Links {
  const links = new Map<string, string[]>();
  for (const { path, target } of listing) {
    if (target === '' || !path.startsWith(`${DIRECTORY}/`)) continue;
    const link = path.slice(DIRECTORY.length + 1);
    const dependency = Object.values(DEPENDENCIES).some(({ suffix }) => posix.dirname(link).endsWith(`.${suffix}`));
    const name = posix.basename(dependency ? link : target);
    if (name !== link) links.set(name, [...(links.get(name) ?? []), link]);
  }
  return links;
}
