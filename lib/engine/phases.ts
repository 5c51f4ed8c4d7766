/**
 * All phases of an apply, in order. Each phase runs for all services of a group at once, so that there is one
 * daemon-reload and one start of everything. A plan names its steps by these words. The list is closed: a kind of
 * object only picks from it.
 */
export const PHASES = [
  'prepare', // what all else needs: a user
  'load', // bring an asset onto the host, beside what is in use
  'stop', // a unit that leaves, or that reads what is about to be replaced
  'place', // put what was loaded in its place
  'disable', // a unit
  'write', // a file
  'remove', // a file
  'enable', // a unit
  'reload', // systemd, which reads its files anew, and then units that do so themselves
  'make', // an object that units need when they start
  'restart', // a unit
  'start', // a unit
  'delete', // an object that nothing uses any more
  'record', // on the host, what was done
] as const;
export type Phase = (typeof PHASES)[number];
