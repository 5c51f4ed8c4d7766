import type { Command } from '../../directives/index';
import type { Requirement } from '../../manifest/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import { checkWords } from './command';
import type { DirectiveSet } from './directive-set';
import { checkProps } from './known-props';
import { type Duration, parseDuration } from './quantities';

/** How often and how long a service is probed. */
export interface HealthTiming {
  /**
   * Time between two attempts: seconds, or a number with a unit such as `'500ms'`.
   * @default '1s'
   */
  readonly interval?: Duration;
  /**
   * Time within which an attempt must succeed: seconds, or a number with a unit such as `'2min'`. After that the start
   * fails, and the log has the output of the last attempt.
   * @default '60s'
   */
  readonly timeout?: Duration;
}

/** Sends an HTTP GET request. A response status from 200 to 399 means that the service is healthy. */
export interface HttpHealth extends HealthTiming {
  /**
   * URL to request, such as `http://localhost:3000/healthz`. `localhost` and the port are the service's own, so the
   * port need not be published.
   */
  readonly http: string;
}

/**
 * Opens a TCP connection to a port of the service, published or not, on 127.0.0.1, or on the address of a VM. If the
 * connection is accepted, the service is healthy.
 */
export interface TcpHealth extends HealthTiming {
  /** Port of the service, from 1 to 65535. */
  readonly tcp: number;
}

/**
 * Runs a program where the service runs: in its sandbox, container or machine. Exit code 0 means that the service is
 * healthy.
 */
export interface CommandHealth extends HealthTiming {
  /** Absolute path of the program, then its arguments. */
  readonly command: readonly string[];
}

/**
 * When a service counts as started. With a probe, it is started once the probe succeeds. With `'notify'`, it is started
 * once the program itself sends READY=1. In a machine, only process 1 can send it.
 *
 * With `'notify'`, TimeoutStartSec= limits the time until then: set it in `directives`. To wait for the healthcheck of
 * an image, which podman runs, set `Notify: 'healthy'` in `directives`.
 * @see sd_notify(3)
 */
export type Health = 'notify' | HttpHealth | TcpHealth | CommandHealth;

/** How a runtime runs a probe, so that the probe happens where the service runs. */
export interface HealthRuntime {
  /** Arguments before a program that connects to the service's own network. */
  readonly network: readonly string[];
  /** Arguments before a program that runs inside the service. Undefined when no program can run there. */
  readonly inside: readonly string[] | undefined;
  /** Address that the service listens on, seen from its network. Not set: the loopback address of that network. */
  readonly address?: string | undefined;
  /** Prefix of the unit's command that probes the network. */
  readonly prefix?: '+';
  /** Seconds that the class allows for a start when the service has no health check. */
  readonly startSec?: number;
  /**
   * Directives that let the program itself report that it is ready. Not set: the runtime does not pass such reports on.
   */
  readonly notify?: { readonly section: string; readonly directives: object };
}

// systemd kills a probe that takes longer than TimeoutStartSec=. The probe should end earlier, so that it can log the
// reason.
const MARGIN_SEC = 10;

// If the service ends while it is probed, systemd would wait for the probe in vain. So the probe checks that the main
// process still exists. In a sandbox, /proc may hide that process.
const WAIT = `end=$((SECONDS + $1)) limit=$1 interval=$2; shift 2
while left=$((end - SECONDS)); [ "$left" -gt 0 ]; do
  said=$(timeout --kill-after=1 "$left" "$@" 2>&1) && exit 0; said="exit code $? $said"
  if ! [ -d "/proc/$MAINPID" ] && ! kill -0 "$MAINPID" 2>/dev/null; then
    echo "Not healthy: the service has ended. Last probe: $said"; exit 1
  fi
  sleep "$interval"
done
echo "Not healthy within $limit s. Last probe: $said"; exit 1`;

const TCP = 'exec 3<>"/dev/tcp/$0/$1"';

const HTTP = `[[ $0 =~ ^http://(\\[([^]]+)\\]|([^/:]+))(:([0-9]+))?(/[!-~]*)?$ ]] || { echo "$0 is not a URL"; exit 1; }
match=("\${BASH_REMATCH[@]}")
exec 3<>"/dev/tcp/\${match[2]}\${match[3]}/\${match[5]:-80}" || exit 1
printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "\${match[6]:-/}" "\${match[1]}\${match[4]}" >&3
read -r status <&3; echo "$status"; [[ $status == HTTP/1.?' '[23]* ]] && exit 0
while read -r line <&3 && [ "\${line%$'\\r'}" ]; do :; done; head -c 400 <&3 | tr -d '\\0'; exit 1`;

/** Adds the directives that make a start wait until the service is healthy. @throws Error for an invalid probe */
export function healthDirectives(
  set: DirectiveSet,
  health: Health | undefined,
  runtime: HealthRuntime,
  path: string,
): DirectiveSet {
  if (health === undefined) return set;
  const at = `${path}.health`;
  if (health === 'notify' && runtime.notify)
    return set.prop('health', runtime.notify.section, runtime.notify.directives);
  if (health === 'notify')
    return fail({
      action: 'probe by',
      value: health,
      problem: 'the runtime of the service does not forward a notice',
      expected: 'an object with http, tcp or command',
      at,
    });
  const [probe] = typeof health === 'object' && health ? PROBES.filter((name) => name in health) : [];
  if (probe === undefined || PROBES.filter((name) => name in health).length > 1)
    return fail({
      action: 'probe',
      value: health,
      problem: 'does not have exactly one probe',
      expected: '"notify", or an object with http, tcp or command',
      at,
    });
  checkProps(health, { [probe]: probe === 'command' ? 'list' : true, interval: true, timeout: true }, at);
  const timeout = Math.ceil(parseDuration(health.timeout ?? '60s', `${at}.timeout`) ?? 0);
  const interval = parseDuration(health.interval ?? '1s', `${at}.interval`) ?? 0;
  const command: Command = {
    argv: ['/bin/bash', '-c', WAIT, 'health', String(timeout), String(interval), ...attempt(health, runtime, at)],
    ...(probe !== 'command' && runtime.prefix ? { prefix: runtime.prefix } : {}),
  };
  set.prop('health', 'Service', { ExecStartPost: command });
  const limit = timeout + MARGIN_SEC;
  return limit > (runtime.startSec ?? 0) ? set.defaults('Service', { TimeoutStartSec: limit }) : set;
}

/** Programs of the host that a probe needs, for the manifest's `requires`. */
export function healthPrograms(
  health: Health | undefined,
  ...programs: readonly string[]
): Record<string, Requirement> {
  if (health === undefined || health === 'notify') return {};
  return Object.fromEntries(['bash', ...programs].map((program) => [program, { why: 'for the probe of its health' }]));
}

const PROBES = ['http', 'tcp', 'command'] as const;

function attempt(
  health: Exclude<Health, 'notify'>,
  { network, inside, address = '127.0.0.1' }: HealthRuntime,
  at: string,
): readonly string[] {
  if ('command' in health) {
    checkWords(health.command, 'command', at);
    if (inside) return [...inside, ...health.command];
    return fail({
      action: 'probe by',
      value: health.command,
      problem: "the host can't run a program in the guest",
      expected: 'a probe over the network, such as { http: "http://localhost:3000/healthz" } or { tcp: 5432 }',
      at: `${at}.command`,
    });
  }
  if ('tcp' in health) return [...network, 'bash', '-c', TCP, address, checkPort(health.tcp, `${at}.tcp`)];
  const url = checkUrl(health.http, `${at}.http`);
  const reached = address === '127.0.0.1' ? url : url.replace(/^http:\/\/localhost(?=[:/]|$)/, `http://${address}`);
  return [...network, 'bash', '-c', HTTP, reached];
}

function checkPort(port: number, at: string): string {
  if (Number.isInteger(port) && port > 0 && port < 65536) return String(port);
  return fail({ action: 'probe', value: port, problem: 'is not a port', expected: 'an integer from 1 to 65535', at });
}

function checkUrl(url: string, at: string): string {
  if (Token.isUnresolved(url) || /^http:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:\/[!-~]*)?$/.test(url))
    return url;
  return fail({
    action: 'probe',
    value: url,
    problem: 'is not a URL that the host can request without other programs',
    expected: 'a URL such as "http://localhost:3000/healthz"; for https use command',
    at,
  });
}
