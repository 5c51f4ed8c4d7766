/** What a plan can do to a service, the least first. */
export const IMPACTS = [
  'none', // a process that runs does not notice
  'reload', // a unit that goes on running takes over a change, or systemd does for it
  'start',
  'restart',
  'stop', // for good
  're-create', // the root of a machine is replaced by a new one
  'data loss', // what has been written is gone
] as const;
export type ImpactKind = (typeof IMPACTS)[number];
