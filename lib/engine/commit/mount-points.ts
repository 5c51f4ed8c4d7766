import type { Manifest } from '../../manifest';
import type { Transport } from '../../transport';
import { STATE_DIR } from '../paths';
import { run } from '../run';
import { SAFE_PATHS } from '../safe-paths';
import type { Command } from '../sequence';
import type { ServicePlan } from '../step';

/** Lists the mount points that systemd creates for services: lines of a service, a tab and a path. */
const LIST = `${STATE_DIR}/mount-points`;

/** Reads such lines, and keeps the paths that do not exist yet, or that another service's mount has created. */
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

/** Removes an empty directory or file. */
const REMOVE_EMPTY = 'rmdir -- "$1" || { [ -f "$1" ] && [ ! -L "$1" ] && [ ! -s "$1" ] && rm -- "$1"; }';

/**
 * Removes the empty mount points of the services in its arguments. A mount point of another service stays: removing it
 * would remove the mount in that service's namespace.
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
${SAFE_PATHS}
doubtful=$(set --; while IFS= read -r path; do set -- "$@" "\${path%/*}"; done < ${LIST}.gone; find_doubtful "$@")
sort -r ${LIST}.gone | while IFS= read -r path; do
  if cut -f 2- ${LIST}.kept | grep -qxF -- "$path"; then continue; fi
  within "\${path%/*}" sh -c '${REMOVE_EMPTY}' sh "./\${path##*/}" >/dev/null 2>&1 || true
done
mv ${LIST}.kept ${LIST}; rm ${LIST}.gone
[ -s ${LIST} ] || rm ${LIST}
`;

export function hasMountPoints({ units }: Manifest): boolean {
  return Object.values(units).some(({ mountPoints = [] }) => mountPoints.length > 0);
}

/**
 * Records the mount points that systemd will create on the host, since a mount needs a directory or file at its path.
 * Paths that existed before do not belong to Bulkhead.
 */
export function noteMountPoints(plans: readonly ServicePlan[]): Command[] {
  const lines = plans
    .filter(({ steps }) => steps.some(({ verb }) => verb === 'write' || verb === 'start'))
    .flatMap(({ name, desired }) =>
      Object.values(desired?.units ?? {}).flatMap(({ mountPoints = [] }) =>
        mountPoints.map((path) => `${name}\t${path}\n`),
      ),
    );
  if (lines.length === 0) return [];
  const input = Buffer.from(lines.join(''));
  return [{ argv: ['sh', '-c', NOTE_SCRIPT], input, purpose: { action: 'note mount points' } }];
}

/** Removes the mount points that systemd has created for removed services. */
export async function removeMountPoints(transport: Transport, services: readonly string[]): Promise<void> {
  if (services.length === 0) return;
  await run(transport, ['sh', '-c', REMOVE_SCRIPT, 'sh', ...services], { action: 'remove mount points' });
}
