import type { Manifest } from '../manifest';
import type { Transport } from '../transport';
import { STATE_DIR } from './observe-script';
import { run } from './run';
import type { ServicePlan } from './step';

/** Lists which services have systemd make which mount points: lines of a name, a tab and a path. */
const LIST = `${STATE_DIR}/mount-points`;

/** Reads such lines and keeps those of paths that are missing yet, or that another service has made already. */
const NOTE_SCRIPT = `
set -eu
mkdir -p ${STATE_DIR}; touch ${LIST}
tab=$(printf '\\t')
while IFS=$tab read -r name path; do
  if [ -e "$path" ] && ! cut -f 2- ${LIST} | grep -qxF -- "$path"; then continue; fi
  grep -qxF -- "$name$tab$path" ${LIST} || printf '%s\\t%s\\n' "$name" "$path" >> ${LIST}
  parent=\${path%/*}
  while [ -n "$parent" ] && [ ! -e "$parent" ]; do
    printf '%s\\n' "$parent" >> ${STATE_DIR}/directories
    parent=\${parent%/*}
  done
done
[ -s ${LIST} ] || rm ${LIST}
`;

/**
 * Removes the mount points of the services named in its arguments that are still empty. Those that another service has,
 * too, stay: to remove one would take away what is mounted there in the other's namespace.
 */
const REMOVE_SCRIPT = `
set -eu
[ -f ${LIST} ] || exit 0
tab=$(printf '\\t') names=" $* "
: > ${LIST}.kept; : > ${LIST}.gone
while IFS=$tab read -r name path; do
  case "$names" in
    *" $name "*) printf '%s\\n' "$path" >> ${LIST}.gone ;;
    *) printf '%s\\t%s\\n' "$name" "$path" >> ${LIST}.kept ;;
  esac
done < ${LIST}
sort -r ${LIST}.gone | while IFS= read -r path; do
  if cut -f 2- ${LIST}.kept | grep -qxF -- "$path"; then continue; fi
  rmdir -- "$path" 2>/dev/null || { [ -f "$path" ] && [ ! -s "$path" ] && rm -- "$path"; } || true
done
mv ${LIST}.kept ${LIST}; rm ${LIST}.gone
[ -s ${LIST} ] || rm ${LIST}
`;

export function hasMountPoints({ units }: Manifest): boolean {
  return Object.values(units).some(({ mountPoints = [] }) => mountPoints.length > 0);
}

/**
 * Remembers the mount points that systemd will make on the host because they are not there: to see something mounted, a
 * service needs a directory or file in that place. What was there before is not Bulkhead's.
 */
export async function noteMountPoints(transport: Transport, plans: readonly ServicePlan[]): Promise<void> {
  const lines = plans
    .filter(({ steps }) => steps.some(({ verb }) => verb === 'write' || verb === 'start'))
    .flatMap(({ name, desired }) =>
      Object.values(desired?.units ?? {}).flatMap(({ mountPoints = [] }) =>
        mountPoints.map((path) => `${name}\t${path}\n`),
      ),
    );
  if (lines.length === 0) return;
  const input = Buffer.from(lines.join(''));
  await run(transport, ['sh', '-c', NOTE_SCRIPT], { action: 'note mount points' }, { input });
}

/** Removes what systemd has made for services that are gone. */
export async function removeMountPoints(transport: Transport, services: readonly string[]): Promise<void> {
  if (services.length === 0) return;
  await run(transport, ['sh', '-c', REMOVE_SCRIPT, 'sh', ...services], { action: 'remove mount points' });
}
