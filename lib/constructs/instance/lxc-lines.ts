import { hasToken, TOKEN, tokenEscaper } from '../../rendering/tokens';
import type { OwnLink } from '../network/own-link';
import { fail } from '../problem';
import type { UserNumbers } from '../props/container-image';

/** Settings of an instance that go directly to LXC, in addition to the engine's own settings. */
export interface LxcProgram {
  /** Process 1 and its arguments. Empty for the init of the image. */
  readonly words: readonly string[];
  readonly user: UserNumbers | undefined;
  readonly workingDirectory: string | undefined;
  readonly stopSignal: string | number | undefined;
  readonly capabilities: readonly string[] | undefined;
  readonly readOnlyRoot: boolean;
  readonly hostname: string | undefined;
  /** Path on the host of the file with the directories in memory. */
  readonly fstab: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly link: OwnLink | undefined;
  /** Whether the instance has its own users. */
  readonly mapped: boolean;
}

/**
 * Lines of lxc.container.conf(5) for `raw.lxc`. LXC removes the quotes around a value, and in a command the quotes
 * around each argument. There is no escape for a quote.
 * @param at Construct path of the service.
 * @throws Error for a text with a line break
 */
export function lxcLines(program: LxcProgram, at: string): string[] {
  const { words, user, workingDirectory, stopSignal, capabilities, readOnlyRoot, hostname, fstab } = program;
  const { environment, link, mapped } = program;
  const signal = stopSignal ?? (words.length > 0 ? 'SIGTERM' : undefined);
  return [
    ...(words.length > 0 ? [`lxc.init.cmd="${words.map(quoted).join(' ')}"`] : []),
    ...(words.length > 0 ? ['lxc.no_new_privs=1'] : []),
    ...(user ? [`lxc.init.uid=${user.uid}`, `lxc.init.gid=${user.gid}`] : []),
    ...(user?.additionalGids ? [`lxc.init.groups=${user.additionalGids.join(',')}`] : []),
    ...(workingDirectory === undefined ? [] : [`lxc.init.cwd="${line(workingDirectory, 'workingDirectory', at)}"`]),
    ...(signal === undefined ? [] : [`lxc.signal.halt=${signal}`]),
    ...(capabilities ? keeping(capabilities) : []),
    ...(hostname === undefined ? [] : [`lxc.uts.name=${line(hostname, 'hostname', at)}`]),
    ...(fstab === undefined ? [] : [`lxc.mount.fstab=${fstab}`]),
    ...(readOnlyRoot ? [READ_ONLY] : []),
    // The engine writes variables too, but it trims trailing blanks and skips empty values.
    ...Object.entries(environment).flatMap(([name, value]) => {
      const text = line(value, `environment.${name}`, at);
      const isLost = value === '' || /\s$/.test(value) || hasToken(value);
      return isLost ? [`lxc.environment="${name}=${text}"`] : [];
    }),
    ...(mapped ? [] : [ANY_PORT]),
    ...(link ? [`lxc.hook.start-host=sh -c '${JOIN}' ${link.name} ${link.group}`] : []),
  ];
}

// This runs before the first program, so that no program is on a link that the rules do not know yet. A published port
// on the host's loopback is routed to the link.
const JOIN =
  'ip link set dev "$0" group "$1" && echo 1 >/proc/sys/net/ipv4/conf/"$0"/route_localnet && echo 0 >/proc/sys/net/ipv6/conf/"$0"/accept_ra';

// linux.sysctl does this too, but an instance with the host's users can't start with it: LXC applies it when /proc/sys
// is already read-only.
const ANY_PORT = `lxc.hook.start-host=nsenter --net --target "$LXC_PID" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start'`;

// The engine overwrites `ro` in lxc.rootfs.options for an instance with its own users. LXC runs this hook after all
// mounts, so it has already created missing mount points in the root.
const READ_ONLY = `lxc.hook.mount=sh -c 'exec mount -o remount,bind,ro "$LXC_ROOTFS_MOUNT"'`;

// LXC either drops or keeps capabilities, and the engine drops some. So the list of dropped ones is cleared first.
function keeping(capabilities: readonly string[]): string[] {
  const names = capabilities.map((name) => name.replace(/^CAP_/, '').toLowerCase());
  return ['lxc.cap.drop=', `lxc.cap.keep=${names.length > 0 ? names.join(' ') : 'none'}`];
}

// LXC ends a line at both characters.
const ONE_LINE = '^[^\\n\\r]*$';

/** Checks a text for one line of LXC's config. Terraform refuses a token whose value has several. @throws Error */
export function line(value: string, prop: string, at: string): string {
  if (!/[\n\r]/.test(value)) return value.replace(TOKEN, (token) => tokenEscaper.escape(token, [], ONE_LINE));
  return fail({
    action: 'write',
    value,
    problem: "has a line break, which LXC's config can't express",
    expected: 'one line',
    at: `${at}.${prop}`,
  });
}

function quoted(word: string): string {
  if (word !== '' && !/^["']|\s/.test(word)) return word;
  const quote = word.includes('"') ? "'" : '"';
  return `${quote}${word}${quote}`;
}
