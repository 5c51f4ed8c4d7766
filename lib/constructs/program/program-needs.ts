import { Token } from '../cdktf';
import type { DirectiveSet } from '../props/directive-set';
import type { Volume } from '../props/volumes';
import { type FileOwner, ROOT } from '../service/host-paths';
import type { ProgramProps } from './program-props';

/** Directives by which it sees programs that the host does not have at these places. */
const OTHER_PROGRAMS = ['RootDirectory', 'RootImage', 'ExtensionImages', 'ExtensionDirectories', 'ExecSearchPath'];

/** Names of programs and accounts that can be looked for. */
const PROGRAM = /^(?!\/(?:dev|proc|run|sys|tmp|var\/run|var\/tmp)\/)[^\0\n]+$/;
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** What a unit that runs a program needs of its host: that program, unless it is in an image, its user and its groups. */
export function programNeeds(
  set: DirectiveSet,
  { command: [program = ''] = [] }: Pick<ProgramProps, 'command'>,
  volumes: readonly Volume[],
): Readonly<Record<string, string>> {
  const get = (key: string) => set.get('Service', key);
  const needs: Record<string, string> = {};
  const account = (kind: 'user' | 'group', key: string) => {
    for (const name of [get(key)].flat())
      if (typeof name === 'string' && name !== 'root' && ACCOUNT.test(name))
        needs[`${kind} ${name}`] = set.origin('Service', key);
  };
  if (!OTHER_PROGRAMS.some((key) => get(key) !== undefined) && !Token.isUnresolved(program)) {
    const path = onHost(program, volumes);
    if (path !== undefined && PROGRAM.test(path)) needs[`program ${path}`] = 'command';
  }
  if (get('DynamicUser') !== true) {
    account('user', 'User');
    account('group', 'Group');
  }
  account('group', 'SupplementaryGroups');
  return needs;
}

/** Where a program that a service runs lies on the host; undefined for one that a construct brings. */
function onHost(program: string, volumes: readonly Volume[]): string | undefined {
  const [mounted] = volumes
    .filter(({ target }) => program === target || program.startsWith(`${target.replace(/\/$/, '')}/`))
    .sort((a, b) => b.target.length - a.target.length);
  if (!mounted) return program;
  if (mounted.from || mounted.shared || Token.isUnresolved(mounted.source)) return undefined;
  return mounted.source + program.slice(mounted.target.length);
}

/** Who owns what a program of the host writes. */
export function programOwner({
  user,
  group,
  directives,
}: Pick<ProgramProps, 'user' | 'group' | 'directives'>): FileOwner | 'made up' {
  const { User = user, Group = group, DynamicUser } = directives?.Service ?? {};
  const ofGroup = Group === undefined ? {} : { group: String(Group) };
  if (User === undefined) return DynamicUser === false ? { ...ROOT, ...ofGroup } : 'made up';
  const owner = String(User);
  return { owner, ...(/^\d+$/.test(owner) ? { group: owner } : {}), ...ofGroup };
}
