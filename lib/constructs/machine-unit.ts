import { posix } from 'node:path';
import type { Argv, Command } from '../directives';
import type { DirectiveSet } from './directive-set';
import { type MachineNetwork, namespacePath } from './machine-network';

export interface MachineUnit {
  readonly name: string;
  /** The directory that it runs in, when that is the user's own. */
  readonly root: string | undefined;
  readonly ephemeral: boolean;
  /** Device nodes of the host that it may use. */
  readonly devices: readonly string[];
  /** Signal that stops its program. */
  readonly stopSignal: string | number | undefined;
  readonly network: MachineNetwork;
}

/** Directives of the unit that runs systemd-nspawn. */
export function machineUnit(set: DirectiveSet, machine: MachineUnit): void {
  const { name, root, network, devices } = machine;
  const directory = root === undefined ? [] : [`--directory=${root}`];
  set
    .defaults('Unit', { Requires: network.unitName, RequiresMountsFor: root ?? `/var/lib/machines/${name}` })
    .defaults('Unit', { After: ['network.target', network.unitName] })
    .prop('command', 'Service', {
      ExecStart: ['systemd-nspawn', '--quiet', '--keep-unit', '--settings=override', `--machine=${name}`, ...directory],
    })
    .defaults('Service', {
      Type: 'notify',
      // Root of the namespace that nspawn itself runs in is the host's, so that a machine can't change its own network.
      NetworkNamespacePath: namespacePath(network),
      KillMode: 'mixed',
      // 133 is a reboot from inside, the others a program that the signal to stop ended.
      RestartForceExitStatus: 133,
      SuccessExitStatus: [133, 143, ...statusOf(machine.stopSignal)],
      ExecStopPost: afterwards(machine),
      Slice: 'machine.slice',
      Delegate: true,
      DevicePolicy: 'closed',
      DeviceAllow: ['/dev/net/tun rwm', 'char-pts rw', ...devices.map((device) => `${device} rw`)],
    });
}

// What a program ends with that one of these signals ended: 128 and the signal's number. SIGTERM is there anyway, and
// SIGKILL is what the kernel uses when memory runs out, too.
const STATUS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGUSR1: 138, SIGUSR2: 140 };

function statusOf(signal: string | number | undefined): number[] {
  const status = signal === undefined ? undefined : STATUS[signal];
  return status === undefined ? [] : [status];
}

function afterwards({ name, root, ephemeral }: MachineUnit): Command[] {
  const commands: Command[] = [{ argv: unregister(name), prefix: '-' }];
  if (root !== undefined) commands.push({ argv: removeLock(root), prefix: '-' });
  if (ephemeral) commands.push({ argv: removeCopies(root ?? `/var/lib/machines/${name}`), prefix: '-' });
  return commands;
}

// nspawn locks its root by a file beside it, and leaves that there: among the user's own files.
function removeLock(root: string): Argv {
  return ['sh', '-c', 'rm -f -- "${0%/*}/.#${0##*/}.lck"', root];
}

// A machine whose nspawn was killed stays registered for as long as its unit tries to start again, which it then can't.
function unregister(name: string): Argv {
  const machined = 'org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager';
  return ['sh', '-c', `busctl call ${machined} UnregisterMachine s "$0" 2>/dev/null`, name];
}

// nspawn that was killed leaves the copy it ran in: of 16 random digits after its name, and with a lock.
function removeCopies(root: string): Argv {
  const digits = '????????????????';
  const script = `cd "$0" && rm -rf --one-file-system -- ".#machine.$1"${digits} ".#.#machine.$1"${digits}.lck`;
  return ['sh', '-c', script, posix.dirname(root), posix.basename(root)];
}
