import type { Manifest } from '../../manifest';
import { ENTER } from './namespaces';

/** The words that run others inside of a service, or why there are none. */
export type Entry = readonly string[] | { readonly problem: string; readonly advice: string };

/** How a command gets into what runs a service. */
type Runtime = (service: Manifest, tty: boolean) => Entry;

/** How a command gets into a service, by what its manifest says that runs it. */
export const RUNTIMES: Readonly<Record<string, Runtime>> = {
  systemd: ofUnit,
  portable: ofUnit,
  podman: ({ name, files }, tty) =>
    Object.keys(files).some((path) => path.endsWith(`/${name}.container`))
      ? ['podman', 'exec', ...interactive(tty), name]
      : { problem: 'it is not a single container', advice: 'podman exec in one of those that `podman ps` shows' },
  docker: ({ name }, tty) =>
    script(`exec docker container exec ${interactive(tty).join(' ')} "$(cat "$0")" "$@"`, containerFile(name)),
  // On a busy host, what ctr runs may lose all that it prints.
  containerd: ({ name }, tty) => ['runc', '--root', TASKS, 'exec', ...(tty ? ['--tty'] : []), name],
  oci: ({ name, requires = {} }, tty) =>
    'crun' in requires
      ? ['crun', '--root', stateOf(name), 'exec', ...(tty ? ['--tty'] : []), name]
      : // runc can't enter a network that is not of the container's own users.
        script(`${ENTER}enter "$0" "$(${RUNC_PID})" "$@"`, name),
  nspawn: ({ name }) => script(`${ENTER}enter "$0" "$(machinectl show --property=Leader --value -- "$0")" "$@"`, name),
  lxc: ({ name }) => script(LXC, name),
  incus: ({ name }, tty) => script(instance('incus', tty), name),
  lxd: ({ name }, tty) => script(instance('lxc', tty), name),
  qemu: ({ name }) => ({
    problem: 'nothing on its host can run a command in a virtual machine',
    advice: `ssh to its address, which \`bulkhead status\` shows; what its console says: bulkhead logs ${name}`,
  }),
};

/** A plain program is entered by the namespaces of its main process. */
function ofUnit({ name, units }: Manifest): Entry {
  const unit = `${name}.service`;
  if (unit in units)
    return script(`${ENTER}enter "$0" "$(systemctl show --property=MainPID --value -- "$0")" "$@"`, unit);
  return { problem: 'it has no program', advice: 'run the command on the host itself' };
}

const script = (text: string, name: string): readonly string[] => ['sh', '-c', text, name];

const interactive = (tty: boolean) => ['--interactive', ...(tty ? ['--tty'] : [])];

// The unit writes down which container it started.
const containerFile = (name: string) => `/run/bulkhead/docker/${name}/container`;

/** Where containerd has runc keep the state of the containers of its namespace `bulkhead`. */
const TASKS = '/run/containerd/runc/bulkhead';

const stateOf = (name: string) => `/run/bulkhead-oci/${name}/state`;

const RUNC_PID = `runc --root "${stateOf('$0')}" state "$0" | sed -n 's/^ *"pid": *\\([0-9]*\\).*/\\1/p'`;

// Inside, the user is that of the program.
const LXC = `
of() { sed -n "s/^lxc\\.init\\.$1 *= *//p" "/var/lib/lxc/$0/config"; }
exec lxc-attach -P /var/lib/lxc -n "$0" --clear-env -u "$(of uid)" -g "$(of gid)" -- "$@"`;

// Without --force-local, the client uses the remote that root has chosen, and greets root the first time.
const instance = (client: string, tty: boolean) => `
lines=$(${client} --force-local config get "$0" raw.lxc) || exit
of() { printf '%s\\n' "$lines" | sed -n "s/^lxc\\.init\\.$1 *= *//p"; }
uid=$(of uid) gid=$(of gid)
exec ${client} --force-local exec "$0" --user "\${uid:-0}" --group "\${gid:-0}" ${tty ? '-t' : '-T'} -- "$@"`;
