import { posix } from 'node:path';
import type { ObjectPart } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Kind, Task } from '../kind';
import { STATE_DIR } from '../paths';
import { run } from '../run';
import { parseRefusals, SAFE_PATHS } from '../safe-paths';
import type { Scope } from '../scope';

interface ActualDirectory {
  /** What lies there, as stat(1) names it: directory, regular file. */
  readonly type: string;
  /** Names and numbers of the user and the group. */
  readonly owners: readonly string[];
  readonly groups: readonly string[];
  readonly mode: string;
}

const LOOK = `xargs -r -d '\\n' stat -L --printf '%n\\t%F\\t%U %u\\t%G %g\\t%a\\n' -- 2>/dev/null; exit 0`;

/**
 * Makes directories, with those above that are missing, which are remembered: they are removed when they are empty again.
 * In a directory that is not root's alone, root changes only what it has just made there itself. A directory has its owner
 * before it has its name, so that one that was cut off is made again.
 * Arguments: a path, an owner, a group and a mode for each.
 */
const MAKE_SCRIPT = `
set -eu
umask 022
mkdir -p ${STATE_DIR}
${SAFE_PATHS}
remembered=${STATE_DIR}/directories
parents() { while [ $# -gt 0 ]; do printf '%s\\n' "\${1%/*}"; shift 4; done; }
doubtful=$(parents "$@" | { set --; while IFS= read -r dir; do set -- "$@" "$dir"; done; find_doubtful "$@"; })
make_one() (
  dir=\${1%/*} leaf=\${1##*/} ours=yes
  if guarded "$dir"; then
    missing=$dir
    while [ -n "$missing" ] && [ ! -e "$missing" ]; do printf '%s\\n' "$missing" >> $remembered; missing=\${missing%/*}; done
    mkdir -p -- "$dir/"
    cd -- "$dir/"
  else
    ours= make=yes wanted="
$2 $dir
"
    enter "$dir" || exit 0
    [ ! -e "./$leaf" ] || { refuse "$PWD/$leaf" 'is in a directory that users other than root can change'; exit 0; }
  fi
  around=\${PWD%/} made=$leaf
  if [ ! -e "./$leaf" ]; then
    made=.$leaf.bulkhead-new
    rmdir -- "./$made" 2>/dev/null || true
    mkdir -m 0700 -- "./$made"
  fi
  cd -P -- "./$made"
  [ "$ours" ] || { [ "$PWD" = "$around/$made" ] && [ -O . ] && [ ! "$(ls -A)" ]; } ||
    { refuse "$around/$leaf" 'was replaced by somebody else'; exit 0; }
  chown -- "$2:$3" .
  chmod -- "$4" .
  [ "$made" != "$leaf" ] || exit 0
  cd -P ..
  [ "\${PWD%/}" = "$around" ] || [ "$ours" ] || { refuse "$around/$leaf" 'was replaced by somebody else'; exit 0; }
  mv -T -- "./$made" "./$leaf"
)
while [ $# -gt 0 ]; do
  make_one "$1" "$2" "$3" "$4" </dev/null
  shift 4
done
if [ -f $remembered ]; then sort -u $remembered > $remembered.new; mv $remembered.new $remembered; fi
`;

/** Removes directories that are empty. Arguments: their paths. */
const REMOVE_SCRIPT = `
set -u
${SAFE_PATHS}
doubtful=$(find_doubtful "$@")
for path; do
  within "\${path%/*}" rmdir -- "./\${path##*/}" "./.\${path##*/}.bulkhead-new" >/dev/null 2>&1
done
exit 0
`;

/** A directory of the host, which is never removed with anything in it. */
export const directory: Kind<ActualDirectory> = {
  name: 'directory',
  programs: {},
  look: LOOK,
  outlivesAdoption: true,

  read(text) {
    const [type = '', owners = '', groups = '', mode = ''] = text.split('\t');
    return { type, owners: owners.split(' '), groups: groups.split(' '), mode: mode.padStart(4, '0') };
  },

  asMade: (_name, { spec = {} }) => ({
    type: 'directory',
    owners: [spec.owner ?? ''],
    groups: [spec.group ?? ''],
    mode: spec.mode ?? '',
  }),

  isSame: (actual, wanted) => difference(actual, wanted) === undefined,

  plan(path, actual, wanted): readonly Task[] {
    if (!actual) return [{ phase: 'load', reason: 'is missing' }];
    const reason = difference(actual, wanted);
    if (reason === undefined) return [];
    if (actual.type === 'directory') return [{ phase: 'load', reason }];
    return [
      { phase: 'load', reason },
      { obstacle: `a ${actual.type} is in its place`, advice: `move ${path} away` },
    ];
  },

  async act(phase, scope, changes) {
    const paths = changes.map(({ name }) => name);
    const action = `${phase === 'delete' ? 'remove' : 'create'} ${paths.map((path) => posix.basename(path)).join(', ')}`;
    if (phase === 'delete') await run(scope, ['sh', '-c', REMOVE_SCRIPT, 'sh', ...paths], { action });
    if (phase === 'load') await make(scope, changes, action);
  },
};

async function make(scope: Scope, changes: readonly Change[], action: string): Promise<void> {
  const [{ service = '' } = {}] = changes;
  const words = changes.flatMap(({ name, wanted }) => {
    const { owner = 'root', group = '', mode = '0755' } = wanted?.spec ?? {};
    return [name, owner, group, mode];
  });
  const { stdout } = await run(scope, ['sh', '-c', MAKE_SCRIPT, 'sh', ...words], { service, action });
  const [refusal] = parseRefusals(stdout);
  if (!refusal) return;
  const problem = `${refusal.place} ${refusal.problem}, expected directories of root, or of its owner`;
  throw new ApplyError({ host: scope.address, service, action, problem, advice: 'create the directory yourself' });
}

function difference(actual: ActualDirectory, { spec = {} }: ObjectPart): string | undefined {
  if (spec.existing === 'as it is') return undefined;
  const { type, owners, groups, mode } = actual;
  if (type !== 'directory') return `is a ${type}`;
  if (mode !== spec.mode) return `mode is ${mode}, expected ${spec.mode}`;
  if (owners.includes(spec.owner ?? '') && (spec.group === undefined || groups.includes(spec.group))) return undefined;
  return `owner is ${owners[0]}:${groups[0]}, expected ${spec.owner}:${spec.group}`;
}
