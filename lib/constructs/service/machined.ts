import type { Argv } from '../../directives/index';
import { fail } from '../problem';

/** Arguments with which busctl(1) calls the manager of systemd-machined(8). */
export const MACHINED = 'org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager';

/**
 * Ends the registration of a machine. When the program of a machine is killed, the machine stays registered while its
 * unit tries to start again, and that start then fails.
 */
export function unregisterMachine(name: string): Argv {
  return ['sh', '-c', `busctl call ${MACHINED} UnregisterMachine s "$0" 2>/dev/null`, name];
}

/** Checks the name of a machine, which is also its hostname. @throws Error */
export function checkMachineName(name: string, at: string): void {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || name.includes('..') || name.length > 64)
    fail({
      action: 'name a machine',
      value: name,
      problem: 'is not a hostname',
      expected: 'letters, digits, "-" and ".", at most 64; the name prop sets another name',
      at,
    });
}
