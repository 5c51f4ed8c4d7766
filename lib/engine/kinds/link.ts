import { posix } from 'node:path';
import type { Kind } from '../kind';
import { runInSequence } from '../sequence';
import { removePaths, writeCommand } from '../write-files';

const LOOK = `
while IFS= read -r path; do
  if [ -L "$path" ]; then printf '%s\\t%s\\n' "$path" "$(readlink -- "$path")"
  elif [ -e "$path" ]; then printf '%s\\t\\n' "$path"
  fi
done
`;

/** A symbolic link, named by its path. Its state is its target, or empty for anything that is not a link. */
export const link: Kind<string> = {
  name: 'link',
  programs: {},
  look: LOOK,
  read: (text) => text,
  asMade: (_name, { spec = {} }) => spec.target ?? '',

  plan(_name, actual, { spec = {} }) {
    if (actual === spec.target) return [];
    if (actual === undefined) return [{ phase: 'load', reason: 'is missing' }];
    return [{ phase: 'load', reason: actual === '' ? 'is not a link' : `leads to ${actual}` }];
  },

  async act(phase, scope, changes, { signal }) {
    const paths = changes.map(({ name }) => name);
    if (phase === 'delete') await removePaths(scope, paths, signal);
    if (phase !== 'load') return;
    const links = changes.flatMap(({ name: path, wanted }) => {
      const target = wanted?.spec?.target;
      return target === undefined ? [] : [{ path, target, content: '', mode: '0777', owner: 'root', group: 'root' }];
    });
    const { service = '' } = changes[0] ?? {};
    const command = await writeCommand(links);
    const action = `create ${paths.map((path) => posix.basename(path)).join(', ')}`;
    await runInSequence(scope, [{ ...command, purpose: { service, action } }], signal);
  },
};
