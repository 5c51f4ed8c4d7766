import { engineRequests, type InstanceEngine } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Program } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import { type Answer, fieldsOf, parsed } from './answer';
import type { ArchivePurpose } from './send-archive';

/** What is known of an object while its engine does not run: nothing. To ask would start the engine. */
export const STOPPED = 'the engine is not running';
export type Stopped = typeof STOPPED;

/** What each kind of an engine needs. */
export function programsOf({
  name: engine,
  title,
  program,
  package: name,
  socket,
  unit,
}: InstanceEngine): Readonly<Record<string, Program>> {
  return {
    [program]: { package: name },
    curl: { package: 'curl' },
    [`${engine}-qemu`]: {
      package: 'qemu-system-x86',
      test: `systemctl is-active --quiet ${unit} && curl -sf --unix-socket ${socket} http://engine/1.0 | grep -q '"driver":"[^"]*qemu'`,
      missing: {
        problem: `its ${title} runs no virtual machines, or does not run`,
        advice: `see that the host has KVM, qemu and UEFI firmware (apt-get install qemu-system-x86 ovmf), and restart ${unit}: \`driver\` of its server information then names qemu`,
      },
    },
  };
}

/**
 * Words of a shell that print what the engine answers about each name, all of them over one connection. An answer is one
 * line.
 * @param path with `&` for the name, which has no character that sed(1), curl(1) or a URL knows as another one
 */
export function askAbout({ unit, socket }: InstanceEngine, path: string): string {
  return `
if ! systemctl is-active --quiet ${unit}; then sed 's/$/\\t/'; exit 0; fi
names=$(cat)
printf '%s\\n' "$names" | sed 's|.*|url = "http://engine${path}"|' |
  curl -s --globoff --unix-socket ${socket} --config - --write-out '%{http_code}\\n' | {
  exec 3<&0
  printf '%s\\n' "$names" | while IFS= read -r name; do
    IFS= read -r answer <&3 && IFS= read -r code <&3 || break
    [ "$code" != 200 ] || printf '%s\\t%s\\n' "$name" "$answer"
  done
}`;
}

/** Reads what {@link askAbout} prints after a name. */
export function readAnswer<T>(text: string, pick: (answer: Answer) => T): T | Stopped {
  return text === '' ? STOPPED : pick(fieldsOf(fieldsOf(parsed(text)).metadata));
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query of the URL. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Whether it is fine that what the request is about does not exist. */
  readonly mayMiss?: true;
  readonly purpose: ArchivePurpose;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request to an engine, which is started if it does not run, and waits until it is done.
 * @returns what the engine answers; undefined where there is nothing to answer about
 * @throws ApplyError when the engine refuses the request, or can't do it
 */
export async function askEngine(
  scope: Scope,
  engine: InstanceEngine,
  { method, path, body, mayMiss, purpose, signal }: EngineRequest,
): Promise<unknown> {
  const script = `${starting(engine)}\nfinish "$(ask "$1" "http://engine$2" --data-binary @-)"`;
  const input = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const command = ['sh', '-euc', script, 'sh', method, path];
  const { stdout } = await run(scope, command, purpose, { input, ...(signal && { signal }) });
  return answered(scope, engine, stdout.toString(), purpose, mayMiss);
}

/** Words of a shell that start an engine, and define what sends it requests. */
export function starting(engine: InstanceEngine): string {
  return `systemctl start ${engine.unit.replace('.service', '.socket')} ${engine.unit}\n${engineRequests(engine)}`;
}

/** What an engine has answered. @throws ApplyError when that is an error */
export function answered(
  scope: Scope,
  { title }: InstanceEngine,
  text: string,
  purpose: ArchivePurpose,
  mayMiss?: true,
): unknown {
  const { type, error, error_code: code, metadata } = fieldsOf(parsed(text));
  if (mayMiss && code === 404) return undefined;
  const failure = type === 'sync' ? fieldsOf(metadata).err : error || text || 'nothing';
  if (typeof failure !== 'string' || failure === '') return metadata;
  throw new ApplyError({ host: scope.address, ...purpose, problem: `${title} answered: ${failure}` });
}

/** What an error says about an object of an engine. */
export function purposeOf(
  { name: engine }: InstanceEngine,
  kind: 'instance' | 'image' | 'pool',
  { name, service }: Pick<Change, 'name' | 'service'>,
  verb: string,
): ArchivePurpose {
  return { service, action: `${verb} ${kind} ${name}`, at: ['objects', `${engine}-${kind}:${name}`] };
}

/** Whether an engine is on a host at all. Where it is not, there is nothing to delete. */
export async function hasEngine(scope: Scope, { program }: InstanceEngine): Promise<boolean> {
  const { exitCode } = await scope.run(['sh', '-c', `command -v ${program} >/dev/null`]);
  return exitCode === 0;
}
