import type { Argv } from '../../directives/index';
import { fail } from '../problem';

/** Words by which busctl(1) calls the manager of systemd-machined(8). */
export const MACHINED = 'org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager';

/**
 * Ends the registration of a machine. One whose program was killed otherwise stays registered for as long as its unit
 * tries to start again, which it then can't.
 */
export function unregisterMachine(name: string): Argv {
  return ['sh', '-c', `busctl call ${MACHINED} UnregisterMachine s "$0" 2>/dev/null`, name];
}

/** Checks the name of a machine, which is its hostname, too. @throws Error */
export function checkMachineName(name: string, at: string): void {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || name.includes('..') || name.length > 64)
    fail({
      action: 'name a machine',
      value: name,
      problem: 'is no hostname',
      expected: 'letters, digits, "-" and ".", at most 64; the name prop sets another',
      at,
    });
}
