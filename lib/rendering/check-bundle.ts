import { checkFields, type FieldTable, type Problem } from '../manifest/fields';
import { checkManifest, type Manifest, PARTS, type PartKind } from '../manifest/manifest';
import { type Bundle, type BundleHost, INDEX } from './bundle-format';

// Names are printed, and compared with names on a host, so they must have no invisible characters.
const NAME = /^[^\p{Control}\p{Format}\p{Surrogate}]+$/u;

const BUNDLE = {
  project: { type: 'string', optional: true, pattern: NAME, doc: 'The projectId of its cdktf.json.' },
  stack: { type: 'string', pattern: NAME, doc: 'Name of the stack.' },
  dependencies: { type: 'strings', optional: true, pattern: NAME, doc: 'Stacks that are to be applied before.' },
  outputs: { type: 'map', optional: true, doc: 'Values that are known, each as JSON.' },
} as const satisfies FieldTable;

const HOST = {
  id: {
    type: 'string',
    pattern: /^(?!(?:assets|bundle\.json)$)[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
    doc: 'Directory of its files.',
  },
  path: { type: 'string', pattern: NAME, doc: 'Construct path.' },
  address: { type: 'string', pattern: NAME, doc: 'How the host is reached.' },
  sshOptions: { type: 'strings', optional: true, pattern: /^[A-Za-z0-9]+=[^\p{Control}]*$/u, doc: 'Options of ssh.' },
} as const satisfies FieldTable;

const REFUSAL = {
  path: { type: 'string', doc: 'Construct path.' },
  message: { type: 'string', doc: 'Why it is not in the bundle.' },
} as const satisfies FieldTable;

type Values = Readonly<Record<string, unknown>>;
type Place = readonly string[];

/**
 * Checks the index of a bundle: every field of it, and that each file, unit and name belongs to one service.
 * @throws Error that names the place: `bundle.json: hosts[0].id is "../x", expected ...`
 */
export function checkBundle(index: unknown): Bundle {
  const { hosts, refused, serviceDependencies = {}, ...fields } = objectAt(index, []);
  check(checkFields(BUNDLE, fields, []));
  const bundle = index as Bundle;
  for (const [at, host] of listAt(hosts, ['hosts']).entries()) checkHost(host, bundle, ['hosts', String(at)]);
  for (const [path, before] of Object.entries(objectAt(serviceDependencies, ['serviceDependencies']))) {
    const arePaths = Array.isArray(before) && before.every((item) => typeof item === 'string' && NAME.test(item));
    if (!arePaths) refuse(['serviceDependencies', path], `${described(before)}, expected a list of construct paths`);
  }
  for (const [at, refusal] of listAt(refused ?? [], ['refused']).entries())
    check(checkFields(REFUSAL, refusal, ['refused', String(at)]));
  checkOwners(bundle.hosts);
  return bundle;
}

function checkHost({ manifests, ...fields }: Values, bundle: Bundle, at: Place): void {
  check(checkFields(HOST, fields, at));
  const here = [...at, 'manifests'];
  for (const [number, manifest] of listAt(manifests, here).entries())
    checkService(manifest, bundle, [...here, String(number)]);
}

function checkService(values: Values, { stack, project }: Bundle, at: Place): void {
  refuseNull(values, at);
  for (const kind of Object.keys(PARTS) as PartKind[]) {
    for (const [key, part] of Object.entries(objectAt(values[kind], [...at, kind]))) {
      const here = [...at, kind, key];
      check(checkFields(PARTS[kind], objectAt(part, here), here));
    }
  }
  const manifest = values as unknown as Manifest;
  const files = Object.entries(manifest.files).map(([path, file]) => {
    const here = [...at, 'files', path];
    if (file.content !== undefined) refuse(here, 'has content, expected it in the file beside the index alone');
    // The text is read later, from checked paths.
    return [path, file.asset === undefined ? { ...file, content: '' } : file] as const;
  });
  const problems = checkManifest({ ...manifest, files: Object.fromEntries(files) });
  check(problems.map((problem) => ({ ...problem, at: [...at, ...problem.at] })));
  if (!NAME.test(manifest.path)) refuse([...at, 'path'], `is ${quoted(manifest.path)}, expected a construct path`);
  if (manifest.stack !== stack) refuse([...at, 'stack'], `is ${quoted(manifest.stack)}, expected ${quoted(stack)}`);
  if (manifest.project !== project)
    refuse([...at, 'project'], `is ${quoted(manifest.project)}, expected ${quoted(project)}`);
}

// A value that is not set is left out, not null.
function refuseNull(values: Values, at: Place): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === null) refuse([...at, key], 'is null, expected a value');
    if (typeof value === 'object' && !Array.isArray(value)) refuseNull(value as Values, [...at, key]);
  }
}

/** Two services with the same file would overwrite it in turns. */
function checkOwners(hosts: readonly BundleHost[]): void {
  const owners = new Map<string, string>();
  const claim = (what: readonly string[], owner: string, at: Place) => {
    const key = JSON.stringify(what);
    const other = owners.get(key);
    if (other !== undefined) refuse(at, `belongs to ${other} already, expected one owner`);
    owners.set(key, owner);
  };
  for (const [number, { id, path: host, address, manifests }] of hosts.entries()) {
    const at = ['hosts', String(number)];
    claim(['directory', id], host, [...at, 'id']);
    for (const [index, { name, path, files, units, user = '' }] of manifests.entries()) {
      const here = [...at, 'manifests', String(index)];
      claim(['service', address, name], path, [...here, 'name']);
      for (const file of Object.keys(files)) claim(['file', address, file], path, [...here, 'files', file]);
      for (const unit of Object.keys(units)) claim(['unit', address, user, unit], path, [...here, 'units', unit]);
    }
  }
}

function objectAt(value: unknown, at: Place): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  return refuse(at, `${described(value)}, expected an object`);
}

function listAt(value: unknown, at: Place): readonly Values[] {
  if (!Array.isArray(value)) return refuse(at, `${described(value)}, expected a list`);
  return value.map((item, number) => objectAt(item, [...at, String(number)]));
}

function described(value: unknown): string {
  return value === undefined ? 'is missing' : `is ${quoted(value)}`;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not set';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function check([problem]: readonly Problem[]): void {
  if (problem) refuse(problem.at, problem.message);
}

/** @throws Error always: `bundle.json: hosts[0].files["/etc/x"].mode is "9", expected ...` */
function refuse(at: Place, message: string): never {
  const place = at.map((key) =>
    /^\d+$/.test(key) ? `[${key}]` : /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  );
  throw new Error(`${INDEX}: ${place.join('').replace(/^\./, '') || 'the whole'} ${message}`);
}
