import type { DirectiveProblem } from './error';
import { isSet } from './is-set';
import { Raw } from './values';
import type { Target } from './version';

type Keys = Readonly<Record<string, unknown>>;

/** First version of systemd that restarts a oneshot service by its exit status. */
const ONESHOT_RESTART_FORCE = 256;

/** What the service manager asks of [Service] as a whole, which Quadlet hands on as it is. */
export function serviceProblems(keys: Keys, { systemd }: Target): DirectiveProblem[] {
  const { Type } = keys;
  const found: DirectiveProblem[] = [];
  const refuse = (key: string, message: string) =>
    found.push({ section: 'Service', key, message: `${message}, see systemd.service(5)` });
  if (Type === 'oneshot') {
    const { Restart, ExitType, RestartForceExitStatus, RuntimeMaxSec } = keys;
    if (Restart === 'always' || Restart === 'on-success')
      refuse(
        'Restart',
        `is "${Restart}", which systemd refuses with Type=oneshot, expected no, on-failure or on-abnormal`,
      );
    if (isSet(RestartForceExitStatus) && systemd !== undefined && systemd < ONESHOT_RESTART_FORCE)
      refuse(
        'RestartForceExitStatus',
        `is available with Type=oneshot since systemd ${ONESHOT_RESTART_FORCE}, the host has ${systemd}`,
      );
    if (ExitType === 'cgroup')
      refuse('ExitType', 'is "cgroup", which systemd refuses with Type=oneshot, expected main');
    if (isSet(RuntimeMaxSec) && RuntimeMaxSec !== 'infinity' && !(RuntimeMaxSec instanceof Raw))
      refuse('RuntimeMaxSec', 'has no effect with Type=oneshot, expected TimeoutStartSec');
  }
  if (Type === 'dbus' && !isSet(keys.BusName))
    refuse('BusName', 'is missing, and Type=dbus needs it, expected a name such as "com.example.Shop"');
  if (Type === 'forking' && keys.PrivatePIDs === true)
    refuse('PrivatePIDs', 'is refused by systemd with Type=forking, expected another Type');
  return [...found, ...sessionProblems('Service', keys)];
}

/** A session of PAM ends only with all processes of a unit, whatever its type. */
export function sessionProblems(section: string, { PAMName, KillMode }: Keys): DirectiveProblem[] {
  if (!isSet(PAMName) || !isSet(KillMode) || KillMode instanceof Raw) return [];
  if (KillMode === 'control-group' || KillMode === 'mixed') return [];
  const why = 'which systemd refuses with PAMName, expected control-group or mixed, see systemd.kill(5)';
  return [{ section, key: 'KillMode', message: `is "${KillMode}", ${why}` }];
}
