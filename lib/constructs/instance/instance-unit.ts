import type { ServiceSection, UnitSection } from '../../directives/index';
import { engineRequests, type InstanceEngine } from '../../manifest/index';
import type { OwnLink } from '../network/own-link';
import type { HealthRuntime } from '../props/health';

export interface InstanceUnit {
  readonly engine: InstanceEngine;
  readonly name: string;
  readonly link: OwnLink | undefined;
  /** User and group of the host that correspond to the program's user in the instance. */
  readonly user: string;
  /** Seconds that the instance gets to stop. */
  readonly stopSec: number;
  /** Paths of the host that the instance sees. */
  readonly paths: readonly string[];
}

/** Seconds for the engine's own work after an instance has stopped, and to kill an instance that does not stop. */
const MARGIN_SEC = 60;

/** Directory of a running instance: it holds the number of process 1, and whether the instance is being stopped. */
const directoryOf = ({ engine, name }: Pick<InstanceUnit, 'engine' | 'name'>) => `bulkhead/${engine.name}/${name}`;

/** The script on the host that starts the program, and its copy that only the instance can read. */
export function scriptPaths(unit: Pick<InstanceUnit, 'engine' | 'name'>) {
  return { file: fileOf(unit, 'start'), mounted: `/run/${directoryOf(unit)}/start` };
}

/** The file on the host with the directories in memory of an instance. */
export const fstabPath = (unit: Pick<InstanceUnit, 'engine' | 'name'>): string => fileOf(unit, 'fstab');

const fileOf = ({ engine, name }: Pick<InstanceUnit, 'engine' | 'name'>, file: string) =>
  `/etc/bulkhead/${engine.name}/${name}/${file}`;

/** [Unit] of the unit that starts, watches and stops an instance. */
export function instanceUnit({ engine, link, paths }: InstanceUnit): UnitSection {
  const units = [engine.unit.replace('.service', '.socket'), engine.unit];
  const { Wants, After = ['network.target'] } = link?.unit ?? {};
  return {
    // A restart of the engine leaves instances running.
    Wants: [...units, ...[Wants ?? []].flat()] as string[],
    After: [...units, ...[After].flat()] as string[],
    ...(paths.length > 0 ? { RequiresMountsFor: [...paths] } : {}),
  };
}

/** [Service] of the unit that starts, watches and stops an instance. */
export function instanceService(unit: InstanceUnit): ServiceSection {
  const { engine, name, link, stopSec } = unit;
  const directory = directoryOf(unit);
  const { RuntimeDirectory = [], ...ofLink } = link?.directives ?? {};
  const words = [name, `/run/${directory}`];
  const requests = requestsOf(engine);
  return {
    Type: 'notify',
    NotifyAccess: 'all',
    RuntimeDirectory: [directory, ...[RuntimeDirectory].flat()] as string[],
    ...ofLink,
    ExecStart: ['sh', '-ec', `${requests}${start(unit)}`, ...words],
    ExecStop: { argv: ['sh', '-c', `${requests}${STOP}`, ...words, String(stopSec)], prefix: '-' },
    ExecStopPost: { argv: ['sh', '-c', `${requests}${KILL}`, ...words], prefix: '-' },
    RestartSec: 1,
    TimeoutStopSec: stopSec + MARGIN_SEC,
  };
}

const requestsOf = (engine: InstanceEngine) => `${engineRequests(engine).trim()}
at=http://engine/1.0/instances/$0
running() { ask GET "$at/state" | sed -n 's/.*"pid":\\([1-9][0-9]*\\).*/\\1/p'; }
`;

// The console of the instance shows the output of its program.
const FOLLOW = `tail --pid="$1" -s 0.2 -n "$2" -F "$3" 2>/dev/null
[ -e "$0" ] || { echo "the instance has ended"; exit 1; }`;

// An engine reports that an instance ended, but not why. An end that this unit did not request counts as a failure.
const start = ({ link, user, ...unit }: InstanceUnit) => `rm -f "$1/stopping"
console=${unit.engine.logs}/$0/console.log from=0
pid=$(running)
if [ ! "$pid" ]; then
${link ? `${link.prepare}\n` : ''}if [ -e ${scriptPaths(unit).file} ]; then
install -m 0400 -o ${user.replace(':', ' -g ')} ${scriptPaths(unit).file} ${scriptPaths(unit).mounted}
fi
rm -f "$console"
from=+1
answer=$(finish "$(ask PUT "$at/state" --data '{"action":"start","timeout":60}')")
pid=$(running)
fi
if [ ! "$pid" ]; then
  printf '%s\\n' "$answer" | sed 's/.*"error":"\\(.*\\)","metadata":.*/\\1/'
  ask GET "$at/logs/lxc.log" | grep ERROR | tail -n 20
  [ ! -s "$console" ] || tail -n 50 "$console"
  exit 1
fi
echo "$pid" >"$1/pid"
systemd-notify --ready --status="process 1 is $pid"
exec sh -c '${FOLLOW}' "$1/stopping" "$pid" "$from" "$console"`;

const STOP = `: >"$1/stopping"
finish "$(ask PUT "$at/state" --data "{\\"action\\":\\"stop\\",\\"timeout\\":$2}")" >/dev/null`;

// An instance that was just asked to stop may be busy with that for a while.
const KILL = `for try in $(seq 100); do
  [ "$(running)" ] || exit 0
  finish "$(ask PUT "$at/state" --data '{"action":"stop","force":true,"timeout":10}')" >/dev/null
  sleep 0.1
done`;

/** How a probe runs in an instance. */
export function healthRuntime(unit: Pick<InstanceUnit, 'engine' | 'name'>): HealthRuntime {
  const enter = (how: string) => {
    const script = `exec nsenter ${how} --target "$(cat "$0/pid")" "$@"`;
    return ['sh', '-c', script, `/run/${directoryOf(unit)}`];
  };
  return { network: enter('--net'), inside: enter('--all') };
}
