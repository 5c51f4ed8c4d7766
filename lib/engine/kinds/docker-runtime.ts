import { createHash } from 'node:crypto';
import { ApplyError } from '../errors';
import type { Change, Kind, Task } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import { fieldsOf } from './answer';
import { DOCKER, hasDocker } from './docker';
import { purposeOf } from './docker-objects';

const FILE = '/etc/docker/daemon.json';

/** The only runtime that Bulkhead adds. */
const NAME = 'bulkhead';

/**
 * The program of the runtime. `none` when there is no such runtime, `unreadable` when the configuration can't be read.
 */
interface Actual {
  readonly program: string | 'none' | 'unreadable';
}

type Config = Readonly<Record<string, unknown>>;

const LOOK = `[ ! -f ${FILE} ] || text=$(head -c 1000000 ${FILE} | tr '\\n\\t' '  ')
[ ! -f ${FILE} ] || while IFS= read -r name; do printf '%s\\t%s\\n' "$name" "$text"; done`;

/**
 * Replaces a configuration that has not changed meanwhile, and lets docker read it if docker runs. Standard input: the
 * new configuration, or nothing to delete it. Arguments: the SHA-256 of the old configuration, or nothing; the name of
 * a runtime that docker has in the end, or nothing.
 */
const REPLACE = `
file=${FILE} new=${FILE}.bulkhead-new
if [ -L "$file" ] || { [ -e "$file" ] && [ ! -f "$file" ]; }; then echo "$file is not a regular file" >&2; exit 1; fi
there=
[ ! -e "$file" ] || there=$(sha256sum < "$file" | cut -d ' ' -f 1)
[ "$there" = "$1" ] || { echo "$file has changed meanwhile" >&2; exit 1; }
mkdir -p "\${file%/*}"
trap 'rm -f -- "$new"' EXIT
cat > "$new"
if [ -s "$new" ]; then
  chmod 0644 "$new"
  [ ! -e "$file" ] || { chmod --reference="$file" "$new"; chown --reference="$file" "$new"; }
  dockerd --validate --config-file "$new" >/dev/null
  mv -T -- "$new" "$file"
else rm -f -- "$file"; fi
systemctl is-active --quiet docker.service || exit 0
systemctl reload docker.service
tries=100
while [ $tries -gt 0 ]; do
  known=$(docker info --format '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}')
  case " $known" in *" $2 "*) exit 0 ;; esac
  [ "$2" ] || exit 0
  tries=$((tries - 1)); sleep 0.1
done
echo "docker does not know the runtime $2" >&2
exit 1`;

/** An additional OCI runtime of docker: an entry in its daemon.json, whose other entries stay unchanged. */
export const dockerRuntime: Kind<Actual> = {
  name: 'docker-runtime',
  programs: { ...DOCKER, runc: { package: 'runc' } },
  look: LOOK,
  read: (text) => ({ program: programIn(configIn(text)) }),
  asMade: (_name, { spec }) => ({ program: spec?.program ?? '' }),
  isSame: ({ program }, { spec }) => program === 'none' || program === 'unreadable' || program === spec?.program,

  plan(_name, actual, { spec }): Task[] {
    const program = actual?.program ?? 'none';
    if (program === spec?.program) return [];
    if (program === 'none') return [{ phase: 'make', reason: 'is missing' }];
    if (program !== 'unreadable') return [{ phase: 'make', reason: 'is another program' }];
    return [{ phase: 'make', reason: "can't be read" }, { obstacle: `${FILE} is not an object in JSON` }];
  },

  async act(phase, scope, changes) {
    if (phase === 'delete' && !(await hasDocker(scope))) return;
    for (const change of changes) await setRuntime(scope, change);
  },
};

/** Adds the entry, or removes it when nothing is wanted. A file without other entries is deleted. */
async function setRuntime(scope: Scope, change: Change): Promise<void> {
  const { wanted } = change;
  const purpose = purposeOf('docker-runtime', change, wanted ? 'add' : 'remove');
  const { stdout } = await run(scope, ['sh', '-euc', `[ ! -e ${FILE} ] || cat ${FILE}`], purpose);
  const text = stdout.toString();
  const config = text === '' ? {} : configIn(text);
  if (!config) throw new ApplyError({ host: scope.address, ...purpose, problem: `${FILE} is not an object in JSON` });
  const { runtimes, ...others } = config;
  const { [NAME]: there, ...rest } = fieldsOf(runtimes);
  if (!wanted && there === undefined) return;
  const kept = wanted ? { ...rest, [NAME]: { path: wanted.spec?.program } } : rest;
  const after = { ...others, ...(Object.keys(kept).length > 0 ? { runtimes: kept } : {}) };
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  ';
  const written = Object.keys(after).length > 0 ? `${JSON.stringify(after, undefined, indent)}\n` : '';
  const before = text === '' ? '' : createHash('sha256').update(stdout).digest('hex');
  const command = ['sh', '-euc', REPLACE, 'sh', before, wanted ? NAME : ''];
  await run(scope, command, purpose, { input: Buffer.from(written) });
}

function programIn(config: Config | undefined): Actual['program'] {
  if (!config) return 'unreadable';
  const { path } = fieldsOf(fieldsOf(config.runtimes)[NAME]);
  return typeof path === 'string' ? path : 'none';
}

function configIn(text: string): Config | undefined {
  try {
    const config: unknown = JSON.parse(text);
    return typeof config === 'object' && config !== null && !Array.isArray(config) ? (config as Config) : undefined;
  } catch {
    return undefined;
  }
}
