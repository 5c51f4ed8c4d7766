import { posix } from 'node:path';
import { KINDS, type KindName, type Manifest, objectKey, SERVICE_NAME } from '../../manifest';
import { parseListeners } from '../foreseen/listeners';
import { parseNames } from '../foreseen/names';
import { staleBeside } from '../generations/numbering';
import { ALL_KINDS } from '../kinds';
import { NAME_LOOKS } from '../kinds/names';
import { parseLinks } from '../parts/link';
import { parseInterfaces } from '../parts/networkd';
import {
  type Listed,
  LOAD_PATH,
  ownLoadPath,
  parseEnabled,
  parseOverrides,
  readListing,
  SHARED_LOAD_PATH,
  userLoadPath,
} from '../parts/override';
import { readRecord } from '../record';
import { inScope } from '../scope';
import type { ServiceRecord } from '../service-record';
import type { ActualFile, ActualUser, HostFacts, HostState, ScopeState } from '../state';
import { objectsOfHost } from '../state-for';
import { parseFacts } from './facts';
import { type FoundFile, readAssets, readFiles } from './files';
import { USER_LIMIT_BYTES } from './script';
import { readSections, type Sections } from './sections';
import { parseUnits } from './units';

/**
 * Reads the output of the observing script. Only here, bytes of a host become facts. Output that a user can control
 * counts only for services of that user.
 * @param manifests the manifests that were asked about
 * @param facts facts about the host, if it was not asked for them
 * @returns undefined unless the output is complete, with nothing after it
 */
export function readState(
  output: Buffer,
  manifests: readonly Manifest[],
  facts?: HostFacts | undefined,
): HostState | undefined {
  const sections = readSections(output);
  return sections && parse(sections, manifests, facts);
}

function parse(sections: Sections, manifests: readonly Manifest[], facts: HostFacts | undefined): HostState {
  const bytes = (name: string) => sections.get(name) ?? Buffer.alloc(0);
  const users = [...sections.keys()].flatMap((name) => /^user@(.*)$/.exec(name)?.[1] ?? []);
  const recorded = withInstances(parseRecords(readFiles(bytes('records'))), bytes('instances').toString());
  const known = withStale(recorded, bytes('generations').toString());
  const wanted = [...manifests, ...[...known.records.values()].map(({ manifest }) => manifest)];
  const files = [...filesOf(sections, undefined), ...users.flatMap((user) => filesOfUser(sections, user, wanted))];
  const listing = readListing(bytes('overrides'), LOAD_PATH);
  const host = parseScope(undefined, LOAD_PATH, listing, sections);
  const shared = readListing(bytes('overrides-of-users'), SHARED_LOAD_PATH);
  return {
    facts: facts ?? parseFacts(bytes('facts').toString()),
    ...known,
    files: new Map(files.map((file): [string, ActualFile] => [file.path, file])),
    interfaces: parseInterfaces(bytes('interfaces').toString()),
    accounts: new Set([
      ...namesIn(bytes('owners').toString(), 'user'),
      ...namesIn(bytes('groups').toString(), 'group'),
    ]),
    ...(sections.has('needs') && { met: new Set(bytes('needs').toString().split('\n').filter(Boolean)) }),
    listeners: parseListeners(bytes('listeners').toString()),
    users: new Map(users.map((name) => [name, parseUser(name, sections, shared, host.objects)])),
    ...host,
  };
}

function filesOf(sections: Sections, user: string | undefined): FoundFile[] {
  const bytes = (name: string) => sections.get(inScope(name, user)) ?? Buffer.alloc(0);
  return [...readFiles(bytes('files')), ...readAssets(bytes('assets'))];
}

/** Files that were looked at as a user. The answers of that user about other files do not count. */
function filesOfUser(sections: Sections, user: string, manifests: readonly Manifest[]): FoundFile[] {
  const theirs = manifests.filter((manifest) => manifest.user === user);
  const files = theirs.flatMap((manifest) => Object.entries(manifest.files));
  const paths = new Set(files.flatMap(([path, { owner }]) => (owner === user ? [path] : [])));
  return filesOf(sections, user).filter(({ path }) => paths.has(path));
}

function parseRecords(files: readonly FoundFile[]): Pick<HostState, 'records' | 'damaged'> {
  const records = new Map<string, ServiceRecord>();
  const damaged = new Map<string, string>();
  for (const { path, content } of files) {
    const name = posix.basename(path);
    if (!SERVICE_NAME.test(name)) continue;
    const record = content ? readRecord(name, content.toString()) : 'is too large, or not a regular file';
    if (typeof record === 'string') damaged.set(name, record);
    else records.set(name, record);
  }
  return { records, damaged };
}

/** Reads lines of a service's name, a tab and its instance. */
function withInstances<T extends Pick<HostState, 'records'>>(known: T, text: string): T {
  const instances = new Map(text.split('\n').map((line) => line.split('\t') as [string, string | undefined]));
  const records = [...known.records].map(([name, record]): [string, ServiceRecord] => {
    const instance = instances.get(name);
    return [name, instance === undefined ? record : { ...record, instance }];
  });
  return { ...known, records: new Map(records) };
}

/** Reads lines of a service's name and the number of a version that is kept. */
function withStale<T extends Pick<HostState, 'records'>>(known: T, text: string): T {
  const numbers = new Map<string, number[]>();
  for (const [, name = '', number] of text.matchAll(/^([^/\n]+)\/(\d+)$/gm))
    numbers.set(name, [...(numbers.get(name) ?? []), Number(number)]);
  const records = [...known.records].map(([name, record]): [string, ServiceRecord] => {
    const stale = staleBeside(record, numbers.get(name) ?? []);
    return [name, stale.length > 0 ? { ...record, stale } : record];
  });
  return { ...known, records: new Map(records) };
}

const namesIn = (text: string, kind: string) => text.split('\n').flatMap((name) => (name ? `${kind} ${name}` : []));

function parseScope(
  user: string | undefined,
  loadPath: readonly string[],
  listing: readonly Listed[],
  sections: Sections,
): ScopeState {
  const text = (name: string) => sections.get(inScope(name, user))?.toString() ?? '';
  const kinds = ALL_KINDS.filter(({ name }) => user === undefined || KINDS[name].scope === 'user');
  return {
    units: parseUnits(text('units'), parseEnabled(listing)),
    loadPath,
    overrides: parseOverrides(listing, loadPath),
    links: parseLinks(listing),
    names: new Map(NAME_LOOKS.flatMap((look) => parseNames(look, text(look.claim)))),
    objects: new Map(kinds.flatMap(({ name, read }) => parseObjects(name, text(name), read))),
  };
}

function parseObjects(kind: KindName, text: string, read: (text: string) => unknown): [string, unknown][] {
  return text.split('\n').flatMap((line): [string, unknown][] => {
    const tab = line.indexOf('\t');
    const name = line.slice(0, Math.max(0, tab));
    return KINDS[kind].name.test(name) ? [[objectKey(kind, name), read(line.slice(tab + 1))]] : [];
  });
}

function parseUser(
  name: string,
  sections: Sections,
  shared: readonly Listed[],
  ofHost: ScopeState['objects'],
): ActualUser {
  const about = sections.get(inScope('user', name))?.toString() ?? '';
  const get = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(about)?.[1] ?? '';
  const [home, uid] = [get('home'), get('uid')];
  const own = sections.get(inScope('overrides', name)) ?? Buffer.alloc(0);
  const listing = [...shared, ...readListing(own, ownLoadPath(home, uid))];
  const scope = parseScope(name, userLoadPath(home, uid), listing, sections);
  const problem = problemOf(name, sections);
  return {
    home,
    running: get('running') === 'yes',
    ...(problem === undefined ? {} : { problem }),
    scope: { ...scope, objects: new Map([...objectsOfHost(ofHost), ...scope.objects]) },
  };
}

/** Why the answers of a user's systemd and programs are missing or incomplete. */
function problemOf(user: string, sections: Sections): string | undefined {
  const deadline = sections.get(inScope('late', user));
  if (deadline) return `the programs of ${user} did not answer within ${deadline.toString().trim()} seconds`;
  const flood = [...sections].some(([name, { length }]) => name.endsWith(`@${user}`) && length >= USER_LIMIT_BYTES);
  return flood
    ? `the answers of the programs of ${user} are larger than ${USER_LIMIT_BYTES / 1024 / 1024} MiB`
    : undefined;
}
