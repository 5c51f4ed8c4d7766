import { posix } from 'node:path';
import type { Manifest } from '../manifest';
import type { Transport } from '../transport';
import { ApplyError } from './errors';
import { parseFacts } from './facts';
import { OBSERVE_SCRIPT, RECORDS_DIR } from './observe-script';
import { parseLinks } from './parts/link';
import { LOAD_PATH, parseEnabled, parseOverrides, userLoadPath } from './parts/override';
import { parseRecord } from './record';
import { inScope } from './scope';
import {
  type ActualFile,
  type ActualUnit,
  type ActualUser,
  type HostFacts,
  type HostState,
  type ScopeState,
  type ServiceRecord,
  unitIn,
} from './state';
import { readTar } from './tar';

/** What to look at: the records of some or all services and what they own, and all that some manifests name. */
export interface ObserveRequest {
  readonly services: readonly string[] | 'all';
  readonly manifests?: readonly Manifest[];
  /** Also what only a person wants to know: since when units run, and their memory. Takes some milliseconds a unit. */
  readonly details?: boolean;
  /** What the host is, if it is known from before. */
  readonly facts?: HostFacts;
}

/** Parts that each user has for itself. */
const SCOPED = ['units', 'images', 'objects'] as const;

/**
 * Looks at a host: one round trip for any number of services. Changes nothing.
 * @throws TransportError when the host can't be reached
 */
export async function observe(transport: Transport, request: ObserveRequest, signal?: AbortSignal): Promise<HostState> {
  const { services, manifests = [], details, facts } = request;
  const names = services === 'all' ? [] : [...services, ...manifests.map(({ name }) => name)];
  const files = manifests.flatMap((manifest) => Object.entries(manifest.files));
  const lists = {
    services: names,
    files: files.filter(([, file]) => file.asset === undefined).map(([path]) => path),
    assets: files.filter(([, file]) => file.asset !== undefined).map(([path]) => path),
    users: manifests.flatMap(({ user, users }) => [...Object.keys(users), ...(user === undefined ? [] : [user])]),
    requires: manifests.flatMap((manifest) => Object.keys(manifest.requires ?? {})),
  };
  const lines = (kind: string, names: readonly string[]) => names.map((name) => `${kind} ${name}\n`);
  const input = [
    ...Object.entries(lists).flatMap(([kind, names]) => lines(kind, names)),
    ...manifests.flatMap((manifest) =>
      SCOPED.flatMap((kind) => lines(inScope(kind, manifest.user), Object.keys(manifest[kind]))),
    ),
  ];
  const options = [
    ...(services === 'all' ? ['--all'] : []),
    ...(details ? ['--details'] : []),
    ...(facts ? [] : ['--facts']),
  ];
  const result = await transport.run(['sh', '-c', OBSERVE_SCRIPT, 'sh', ...options], {
    input: Buffer.from(input.join('')),
    ...(signal && { signal }),
  });
  const sections = split(result.stdout);
  if (!sections.tar) {
    throw new ApplyError({
      host: transport.address,
      action: 'read the state of the host',
      problem: 'it did not answer as expected: systemd, GNU coreutils, findutils and tar are needed there',
      exitCode: result.exitCode,
      stderr: result.stderr,
    });
  }
  return parse(sections, facts);
}

function split(output: Buffer): Record<string, Buffer> {
  const sections: Record<string, Buffer> = {};
  const header = /^== (\S+)\n/;
  let at = 0;
  while (at < output.length) {
    const name = header.exec(output.toString('latin1', at, at + 64))?.[1];
    if (!name) break;
    const start = at + name.length + 4;
    const next = name === 'tar' ? -1 : output.indexOf('== ', start);
    const end = next < 0 ? output.length : lineStart(output, start, next);
    sections[name] = output.subarray(start, end);
    at = end;
  }
  return sections;
}

function lineStart(output: Buffer, start: number, next: number): number {
  let at = next;
  while (at > start && output[at - 1] !== 0x0a) at = output.indexOf('== ', at + 1);
  return at < 0 ? output.length : at;
}

function parse(sections: Record<string, Buffer>, facts: HostFacts | undefined): HostState {
  const text = (name: string) => sections[name]?.toString() ?? '';
  const files = new Map<string, ActualFile>();
  const records = new Map<string, ServiceRecord>();
  const damaged = new Set<string>();
  for (const entry of readTar(sections.tar ?? Buffer.alloc(0))) {
    if (posix.dirname(entry.path) !== RECORDS_DIR) files.set(entry.path, entry);
    else if (entry.type === 'file') {
      const name = posix.basename(entry.path);
      const record = parseRecord(entry.content?.toString() ?? '');
      if (record?.manifest.name === name) records.set(name, record);
      else damaged.add(name);
    }
  }
  const digests = new Map(
    text('digests')
      .split('\0')
      .map((entry) => [entry.slice(66), entry.slice(0, 64)]),
  );
  for (const entry of text('assets').split('\0')) {
    const [, mode, owner, group, path] = /^(\d+) (\S+) (\S+) (.+)$/s.exec(entry) ?? [];
    const sha256 = path && digests.get(path);
    if (path && mode && owner && group && sha256)
      files.set(path, { type: 'file', mode: mode.padStart(4, '0'), owner, group, sha256 });
  }
  const names = Object.keys(sections).flatMap((name) => /^user@(.*)$/.exec(name)?.[1] ?? []);
  return {
    facts: facts ?? parseFacts(text('facts')),
    records,
    damaged,
    files,
    users: new Map(names.map((name) => [name, parseUser(name, text)])),
    ...parseScope(undefined, LOAD_PATH, text),
  };
}

type Text = (section: string) => string;

function parseScope(user: string | undefined, loadPath: readonly string[], text: Text): ScopeState {
  const section = (name: string) => text(inScope(name, user));
  const images = new Map<string, { id: string }>();
  for (const line of lines(section('images'))) {
    const space = line.indexOf(' ');
    images.set(line.slice(space + 1), { id: line.slice(0, space).replace(/^sha256:/, '') });
  }
  const overrides = section('overrides');
  return {
    units: new Map([
      ...activeUnits(lines(section('active')), parseEnabled(overrides)),
      ...parseUnits(section('units')),
    ]),
    loadPath,
    overrides: parseOverrides(overrides, loadPath),
    links: parseLinks(overrides),
    images,
    objects: new Set(lines(section('objects'))),
  };
}

function parseUser(name: string, text: Text): ActualUser {
  const about = lines(text(inScope('user', name)));
  const get = (key: string) => about.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
  const home = get('home');
  return {
    home,
    group: get('group'),
    subordinateIds: about.includes('has subordinate IDs'),
    linger: about.includes('has linger'),
    running: about.includes('has systemd'),
    scope: parseScope(name, userLoadPath(home, get('uid')), text),
  };
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Units of which it is enough to know that they run. */
function activeUnits(names: readonly string[], enabled: ReadonlySet<string>): [string, ActualUnit][] {
  return names.map((name) => [name, unitIn('active', enabled.has(name) ? 'enabled' : 'disabled')]);
}

// One with a backslash, which stands for a character of a path, is in quotes.
const unquote = (name: string) => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);

/** Reads the output of `systemctl show`: blocks of `Key=value`. A unit with several names counts under each. */
export function parseUnits(text: string): Map<string, ActualUnit> {
  const units = new Map<string, ActualUnit>();
  let block: Record<string, string> = {};
  const finish = () => {
    const get = (key: string) => block[key] ?? '';
    const unit: ActualUnit = {
      loadState: get('LoadState'),
      activeState: get('ActiveState'),
      subState: get('SubState'),
      unitFileState: get('UnitFileState'),
      fragmentPath: get('FragmentPath'),
      sourcePath: get('SourcePath'),
      result: get('Result'),
      activeEnterTimestamp: get('ActiveEnterTimestamp'),
      memoryCurrent: get('MemoryCurrent'),
    };
    for (const name of get('Names').split(' ')) if (name) units.set(unquote(name), unit);
    block = {};
  };
  for (const line of lines(text)) {
    const equals = line.indexOf('=');
    const key = line.slice(0, equals);
    if (key in block) finish();
    block[key] = line.slice(equals + 1);
  }
  finish();
  return units;
}
