import { posix } from 'node:path';
import type { Argv, Command } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import type { DirectiveSet } from '../props/directive-set';
import { stoppedStatus } from '../props/stop-signal';
import { unregisterMachine } from '../service/machined';

export interface MachineUnit {
  readonly name: string;
  /** The user's own directory that the machine runs in. Undefined when it runs in an image. */
  readonly root: string | undefined;
  /** Directory of an image in the host's store that the machine runs in. Undefined when there is none. */
  readonly stored: string | undefined;
  readonly ephemeral: boolean;
  /** Device nodes of the host that the machine can use. */
  readonly devices: readonly string[];
  /** Signal that stops the program. */
  readonly stopSignal: string | number | undefined;
  /** The network in which nspawn itself runs, and the machine with it. */
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
      // nspawn runs in a namespace that belongs to root of the host, so root of the machine can't change the network.
      NetworkNamespacePath: access.namespace,
      PrivateNetwork: access.mode === 'none' ? true : undefined,
      KillMode: 'mixed',
      // 133 means a reboot from inside. The other codes mean that the stop signal ended the program.
      RestartForceExitStatus: 133,
      SuccessExitStatus: [133, ...stoppedStatus(machine.stopSignal)],
      ExecStopPost: afterwards(machine),
      Slice: 'machine.slice',
      Delegate: true,
      DevicePolicy: 'closed',
      // If nspawn can open /dev/fuse, it also creates a node of it and fails when it must not.
      DeviceAllow: ['/dev/net/tun rwm', 'char-pts rw', ...devices.map((device) => `${device} rwm`)],
    });
}

function afterwards({ name, root, stored, ephemeral }: MachineUnit): Command[] {
  const commands: Command[] = [{ argv: unregisterMachine(name), prefix: '-' }];
  if (root !== undefined) commands.push({ argv: removeLock(root), prefix: '-' });
  if (ephemeral) commands.push({ argv: removeCopies(root ?? stored ?? `/var/lib/machines/${name}`), prefix: '-' });
  return commands;
}

// nspawn locks its root with a file beside it and does not delete that file. It would stay among the user's own files.
function removeLock(root: string): Argv {
  return ['sh', '-c', 'rm -f -- "${0%/*}/.#${0##*/}.lck"', root];
}

// A killed nspawn leaves the copy that it ran in, and a lock. The copy's name ends with 16 random digits.
function removeCopies(root: string): Argv {
  const digits = '????????????????';
  const script = `cd "$0" && rm -rf --one-file-system -- ".#machine.$1"${digits} ".#.#machine.$1"${digits}.lck`;
  return ['sh', '-c', script, posix.dirname(root), posix.basename(root)];
}
