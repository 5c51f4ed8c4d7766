import quadlet from './catalog/quadlet.json';
import link from './catalog/systemd-link.json';
import netdev from './catalog/systemd-netdev.json';
import network from './catalog/systemd-network.json';
import nspawn from './catalog/systemd-nspawn.json';
import unit from './catalog/systemd-unit.json';

/** The file formats of this room. `quadlet` files hold [Unit], [Service] and [Install] of `unit` as well. */
export type Format = 'unit' | 'nspawn' | 'quadlet' | 'network' | 'netdev' | 'link';

/** How a text is made part of a line, so that the parser of the file gets exactly that text back. */
export type EscapeClass =
  | 'raw'
  | 'exec'
  | 'c'
  | 'unquote'
  | 'tuple'
  | 'tuple-c'
  | 'path-options'
  | 'retain'
  | 'strv'
  | 'plain'
  | 'colon'
  | 'colon-raw'
  | 'credential'
  | 'credential-c'
  | 'text-c'
  | 'device'
  | 'last'
  | 'line'
  | 'words'
  | 'args';

/** What the catalog knows about one key of a section. */
export interface KeyEntry {
  readonly kind: string;
  readonly enum?: readonly string[];
  /** The enum is not complete. */
  readonly open?: true;
  /** Takes a boolean beside the values of `enum`. */
  readonly boolean?: true;
  /** Words allowed beside the kind's own values. */
  readonly literals?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Takes `infinity`. */
  readonly infinity?: true;
  /** Unit of a bare number, where it is not seconds. */
  readonly unit?: 'ns';
  /** @default 'raw' */
  readonly class?: EscapeClass;
  /** A further assignment adds to the ones before. */
  readonly repeat?: true;
  /** What separates several values on one line. */
  readonly list?: 'space' | 'comma' | 'colon';
  /** Mark that, in front of a line, takes its values out of the list. */
  readonly negate?: '~' | '!';
  /** Marks a value may begin with. */
  readonly prefixes?: readonly string[];
  /** The parser takes quotes around a name away. */
  readonly unquotes?: true;
  /** Old words of the enum, and the ones that they mean. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** `%` begins a specifier. */
  readonly specifiers?: true;
  /** The empty assignment empties the list or restores the default. */
  readonly reset?: true;
  /** First version with the key: a systemd version, or `major.minor` of podman. */
  readonly since?: number | string;
  /** First version that takes more than one value: a version of podman. */
  readonly listSince?: string;
  /** First systemd version that takes several values on one line. The writer gives each a line of its own. */
  readonly lineSince?: number;
  /** First version of podman to which an empty text means something. */
  readonly emptySince?: string;
  /** First systemd version that takes more behind a number or word: a suffix, or a colon and text. */
  readonly suffixSince?: number;
  /** Types of the units that a name may have. */
  readonly types?: readonly string[];
  /** First systemd version that accepts the key and does nothing. */
  readonly ignoredSince?: number;
  readonly enumSince?: Readonly<Record<string, number>>;
  /** Not to be used any more: `true`, or the key that replaced it. */
  readonly deprecated?: true | string;
  /** Manual page, where it is not the section's. */
  readonly page?: string;
}

export interface SectionEntry {
  readonly page: string;
  /** Mixins whose keys the section has too. */
  readonly with?: readonly string[];
  /** The section may stand in a file several times. */
  readonly multiple?: true;
  readonly keys: Readonly<Record<string, KeyEntry>>;
  /** Lists that several keys fill: an empty assignment to one of them empties all of the list. */
  readonly lists?: readonly SharedList[];
}

/** The name of now, and the values that others became. */
export type Renamed = string | { readonly to: string; readonly values: Readonly<Record<string, string>> };

/** One list of the parser that several keys fill. */
export interface SharedList {
  /** Names of keys, or `Prefix*`. */
  readonly keys: readonly string[];
  /** The order among the keys means something. */
  readonly ordered?: true;
}

export interface Catalog {
  readonly title: string;
  /** Version of systemd or podman that the keys were taken from. */
  readonly version: number | string;
  readonly mixins?: Readonly<Record<string, SectionEntry>>;
  /** Old names that the parser still takes, each `Section.Key` or `Section.*`, and the ones of now. */
  readonly renamed?: Readonly<Record<string, Renamed>>;
  readonly sections: Readonly<Record<string, SectionEntry>>;
}

// The compiler infers a type per key from the JSON; these are what they were written as.
export const CATALOGS = { unit, nspawn, quadlet, network, netdev, link } as unknown as Readonly<
  Record<Format, Catalog>
>;

/** A section of a format with the keys of its mixins. */
export interface Section {
  readonly name: string;
  readonly page: string;
  readonly multiple: boolean;
  /** The section may be given in parts, which keep an order that one record can't. */
  readonly inParts: boolean;
  readonly lists: readonly SharedList[];
  /** Whose values it holds. */
  readonly rules: 'systemd' | 'quadlet';
  /** Who cuts the file into lines: Quadlet does so with the units' sections in its files too. */
  readonly parser: 'systemd' | 'quadlet';
  /** Each is of this section alone. */
  readonly keys: ReadonlyMap<string, KeyEntry & { readonly page: string }>;
}

// Keys have few of these each. With all of them they are objects of one shape, which are read several times as fast.
const FIELDS = {
  kind: undefined,
  enum: undefined,
  open: undefined,
  boolean: undefined,
  literals: undefined,
  min: undefined,
  max: undefined,
  infinity: undefined,
  unit: undefined,
  class: undefined,
  repeat: undefined,
  list: undefined,
  negate: undefined,
  prefixes: undefined,
  unquotes: undefined,
  aliases: undefined,
  specifiers: undefined,
  reset: undefined,
  since: undefined,
  listSince: undefined,
  lineSince: undefined,
  emptySince: undefined,
  suffixSince: undefined,
  types: undefined,
  ignoredSince: undefined,
  enumSince: undefined,
  deprecated: undefined,
  page: undefined,
} satisfies Readonly<Record<keyof KeyEntry, undefined>>;

function ofOneShape<Entry extends KeyEntry>(entry: Entry): Entry {
  return { ...FIELDS, ...entry };
}

const cache = new Map<Format, ReadonlyMap<string, Section>>();

/** The sections that a file of this format may have, in the order in which they are written. */
export function sectionsOf(format: Format): ReadonlyMap<string, Section> {
  const known = cache.get(format);
  if (known) return known;
  const sections = new Map(load(format).map((section) => [section.name, section]));
  cache.set(format, sections);
  return sections;
}

function load(format: Format): Section[] {
  const { sections, mixins = {} } = CATALOGS[format];
  const own = Object.entries(sections).map(([name, entry]): Section => {
    const parts = [entry, ...(entry.with ?? []).flatMap((mixin) => mixins[mixin] ?? [])];
    const keys = parts.flatMap(({ page, keys }) =>
      Object.entries(keys).map(([key, value]) => [key, ofOneShape({ ...value, page: value.page ?? page })] as const),
    );
    const rules = format === 'quadlet' ? 'quadlet' : 'systemd';
    const { page, multiple = false } = entry;
    return {
      ...{ name, page, multiple, rules, parser: rules, keys: new Map(keys) },
      lists: parts.flatMap(({ lists = [] }) => lists).map((list) => ({ ...list, keys: withPrefixes(list.keys, keys) })),
      inParts: entry.lists?.some(({ ordered }) => ordered) ?? false,
    };
  });
  if (format !== 'quadlet') return own;
  const shared = (name: string): Section[] => {
    const section = sectionsOf('unit').get(name);
    if (!section) return [];
    const keys = new Map([...section.keys].map(([key, entry]) => [key, ofOneShape(entry)]));
    return [{ ...section, parser: 'quadlet', keys }];
  };
  return [...shared('Unit'), ...own, ...shared('Service'), ...shared('Install')];
}

/** The names of keys, where `Prefix*` stands for all that begin so. */
function withPrefixes(names: readonly string[], keys: readonly (readonly [string, KeyEntry])[]): string[] {
  return names.flatMap((name) => {
    const prefix = /^(.*)\*$/.exec(name)?.[1];
    return prefix === undefined ? [name] : keys.flatMap(([key]) => (key.startsWith(prefix) ? [key] : []));
  });
}
