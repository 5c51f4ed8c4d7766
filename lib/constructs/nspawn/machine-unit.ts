import { posix } from 'node:path';
import type { Argv, Command } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import type { DirectiveSet } from '../props/directive-set';
import { stoppedStatus } from '../props/stop-signal';
import { unregisterMachine } from '../service/machined';

export interface MachineUnit {
  readonly name: string;
  /** The directory that it runs in, when that is the user's own. */
  readonly root: string | undefined;
  /** The directory of an image that the host stores, when it runs in one. */
  readonly stored: string | undefined;
  readonly ephemeral: boolean;
  /** Device nodes of the host that it may use. */
  readonly devices: readonly string[];
  /** Signal that stops its program. */
  readonly stopSignal: string | number | undefined;
  /** The network that nspawn itself runs in, and the machine with it. */
  readonly access: NetworkAccess;
}

/** Directives of the unit that runs systemd-nspawn. */
export function machineUnit(set: DirectiveSet, machine: MachineUnit): void {
  const { name, access, devices } = machine;
  const root = machine.root ?? machine.stored;
  const directory = root === undefined ? [] : [`--directory=${root}`];
  set
    .defaults('Unit', { After: 'network.target', ...access.unit })
    .defaults('Unit', { RequiresMountsFor: root ?? `/var/lib/machines/${name}` })
    .prop('command', 'Service', {
      ExecStart: ['systemd-nspawn', '--quiet', '--keep-unit', '--settings=override', `--machine=${name}`, ...directory],
    })
    .defaults('Service', {
      Type: 'notify',
      // Root of the namespace that nspawn itself runs in is the host's, so that a machine can't change its own network.
      NetworkNamespacePath: access.namespace,
      PrivateNetwork: access.mode === 'none' ? true : undefined,
      KillMode: 'mixed',
      // 133 is a reboot from inside, the others a program that the signal to stop ended.
      RestartForceExitStatus: 133,
      SuccessExitStatus: [133, ...stoppedStatus(machine.stopSignal)],
      ExecStopPost: afterwards(machine),
      Slice: 'machine.slice',
      Delegate: true,
      DevicePolicy: 'closed',
      DeviceAllow: ['/dev/net/tun rwm', 'char-pts rw', ...devices.map((device) => `${device} rw`)],
    });
}

function afterwards({ name, root, stored, ephemeral }: MachineUnit): Command[] {
  const commands: Command[] = [{ argv: unregisterMachine(name), prefix: '-' }];
  if (root !== undefined) commands.push({ argv: removeLock(root), prefix: '-' });
  if (ephemeral) commands.push({ argv: removeCopies(root ?? stored ?? `/var/lib/machines/${name}`), prefix: '-' });
  return commands;
}

// nspawn locks its root by a file beside it, and leaves that there: among the user's own files.
function removeLock(root: string): Argv {
  return ['sh', '-c', 'rm -f -- "${0%/*}/.#${0##*/}.lck"', root];
}

// nspawn that was killed leaves the copy it ran in: of 16 random digits after its name, and with a lock.
function removeCopies(root: string): Argv {
  const digits = '????????????????';
  const script = `cd "$0" && rm -rf --one-file-system -- ".#machine.$1"${digits} ".#.#machine.$1"${digits}.lck`;
  return ['sh', '-c', script, posix.dirname(root), posix.basename(root)];
}
