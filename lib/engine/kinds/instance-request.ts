import { engineRequests, type InstanceEngine } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Program } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import { type Answer, fieldsOf, parsed } from './answer';
import type { ArchivePurpose } from './send-archive';

/** While the engine does not run, nothing is known of its objects. A request would start the engine. */
export const STOPPED = 'the engine is not running';
export type Stopped = typeof STOPPED;

/** Programs that each kind of an engine needs. */
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
        problem: `its ${title} is not running, or can't run virtual machines`,
        advice: `make sure that the host has KVM, qemu and UEFI firmware (apt-get install qemu-system-x86 ovmf), and restart ${unit}: \`driver\` in its server information must name qemu`,
      },
    },
  };
}

/**
 * Shell lines that print the engine's answer about each name, over one connection. Each answer is one line.
 * @param path with `&` for the name, which has no character with a special meaning for sed(1), curl(1) or a URL
 * @param beside path of another object, such as `path`, for what is printed after the answer and a tab
 */
export function askAbout({ unit, socket }: InstanceEngine, path: string, beside?: string): string {
  const urls = [path, beside].flatMap((one) => (one === undefined ? [] : `url = "http://engine${one}"`));
  return `
if ! systemctl is-active --quiet ${unit}; then sed 's/$/\\t/'; exit 0; fi
names=$(cat) end=$(printf '\\036')
printf '%s\\n' "$names" | sed 's|.*|${urls.join('\\n')}|' |
  curl -s --globoff --unix-socket ${socket} --config - --write-out "$end%{http_code}$end" |
  NAMES=$names awk -v urls=${urls.length} '${READ_ANSWERS}'`;
}

// An answer ends with a line break, and one about an error with two. No JSON has a control character. Of a name without
// an answer, nothing is known.
const READ_ANSWERS = `
BEGIN { RS = "\\036"; count = split(ENVIRON["NAMES"], names, "\\n") }
NR % 2 { gsub(/\\n/, ""); body = $0; next }
(NR / 2) % urls == 1 % urls { line = ""; first = $0 }
{ line = line "\\t" ($0 == 200 ? body : "") }
(NR / 2) % urls == 0 { done++; if (first != 404) print names[done] line }
END { while (done < count) print names[++done] "\\t" }
`;

/** Reads the output of {@link askAbout} after a name. */
export function readAnswer<T>(text: string, pick: (answer: Answer, beside: Answer) => T): T | Stopped {
  const [answer = '', beside = ''] = text.split('\t');
  const metadata = (json: string) => fieldsOf(fieldsOf(parsed(json)).metadata);
  return answer === '' ? STOPPED : pick(metadata(answer), metadata(beside));
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query of the URL. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Whether the object of the request may be missing. */
  readonly mayMiss?: true;
  readonly purpose: ArchivePurpose;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request to an engine, which is started if it does not run, and waits until the request is done.
 * @returns the engine's answer; undefined when the object may be missing, and is
 * @throws ApplyError when the engine refuses the request, or it fails
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

/** Shell lines that start an engine, and define a function for requests. */
export function starting(engine: InstanceEngine): string {
  return `systemctl start ${engine.unit.replace('.service', '.socket')} ${engine.unit}\n${engineRequests(engine)}`;
}

/** The engine's answer. @throws ApplyError when the answer is an error */
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

/** The purpose of a request for an object of an engine, for errors. */
export function purposeOf(
  { name: engine }: InstanceEngine,
  kind: 'instance' | 'image' | 'pool',
  { name, service }: Pick<Change, 'name' | 'service'>,
  verb: string,
): ArchivePurpose {
  return { service, action: `${verb} ${kind} ${name}`, at: ['objects', `${engine}-${kind}:${name}`] };
}

/** Whether a host has an engine at all. Otherwise there is nothing to delete. */
export async function hasEngine(scope: Scope, { program }: InstanceEngine): Promise<boolean> {
  const { exitCode } = await scope.run(['sh', '-c', `command -v ${program} >/dev/null`]);
  return exitCode === 0;
}
