import type { Manifest } from '../../manifest';
import type { HostState } from '../state';
import type { Obstacle, Step } from '../step';

/** Where systemd looks for a program whose name has no slash. */
const PATH = '/usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin';

/** Prints those of some needs that the host has. Standard input: a kind and a value on each line. */
export const NEEDS_LOOK = `
runs() { [ -f "$1" ] && [ -x "$1" ]; }
while IFS= read -r need; do
  value=\${need#* }
  case $need in
    'path '*) [ -e "$value" ] ;;
    'program /'*) runs "$value" ;;
    'program '*) found=; for dir in ${PATH}; do ! runs "$dir/$value" || found=yes; done; [ "$found" ] ;;
    'user '*) getent passwd -- "$value" >/dev/null ;;
    'group '*) getent group -- "$value" >/dev/null ;;
    *) false ;;
  esac && printf '%s\\n' "$need"
done
exit 0`;

/** What a service that is about to start needs on its host, and the host lacks. */
export function missingNeeds({ name, needs = {} }: Manifest, { met }: HostState, steps: readonly Step[]): Obstacle[] {
  if (!steps.some(({ verb }) => verb === 'write' || verb === 'start' || verb === 'restart')) return [];
  return Object.entries(needs).flatMap(([need, prop]) => {
    if (!met || met.has(need)) return [];
    return [{ at: ['needs'], action: `apply ${name}`, ...absence(need, prop) }];
  });
}

function absence(need: string, prop: string): Pick<Obstacle, 'problem' | 'advice'> {
  const value = need.slice(need.indexOf(' ') + 1);
  if (need.startsWith('program '))
    return {
      problem: `${prop} names the program ${value}, which the host does not have`,
      advice: `install the package that brings ${value}, or name another program`,
    };
  if (need.startsWith('path '))
    return {
      problem: `${prop} names ${value}, and it does not exist`,
      advice: 'create it on the host, or declare it: a ConfigFile for a file, a Directory for a directory',
    };
  const [kind = ''] = need.split(' ');
  return {
    problem: `${prop} is "${value}", and the host has no ${kind} "${value}"`,
    advice: kind === 'user' ? `useradd --system ${value}, or declare it as a User` : `groupadd --system ${value}`,
  };
}
