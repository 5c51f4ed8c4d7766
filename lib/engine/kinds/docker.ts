import { ApplyError } from '../errors';
import type { Program } from '../kind';
import { type Purpose, run } from '../run';
import type { Scope } from '../scope';
import { type Answer, fieldsOf, parsed } from './answer';

/** Programs that each kind of docker needs. */
export const DOCKER: Readonly<Record<string, Program>> = {
  docker: { package: 'docker-cli' },
  dockerd: { package: 'docker.io' },
  curl: { package: 'curl' },
};

/** While docker does not run, nothing is known of its objects. A request would start docker. */
export const STOPPED = 'docker is not running';
export type Stopped = typeof STOPPED;

/**
 * Shell lines that print the answer of the Docker Engine API about each name.
 * @param path with `$name`
 * @param more shell lines that print further facts after a tab, with `$name` and `$answer`
 */
export function askAbout(path: string, more = ''): string {
  return `
systemctl is-active --quiet docker.service && running=yes || running=
while IFS= read -r name; do
  if [ ! "$running" ]; then printf '%s\\t\\n' "$name"; continue; fi
  answer=$(curl -sf --globoff --unix-socket /run/docker.sock "http://docker${path}") || continue
  printf '%s\\t%s' "$name" "$(printf '%s' "$answer" | tr '\\n\\t' '  ')"
  ${more}
  echo
done`;
}

/** Reads the output of {@link askAbout} after a name. */
export function readAnswer<T>(text: string, pick: (answer: Answer, more: string) => T): T | Stopped {
  const [answer = '', more = ''] = text.split('\t');
  return answer === '' ? STOPPED : pick(JSON.parse(answer) as Answer, more);
}

export interface DockerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query of the URL. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Whether the object may be missing, or be in the requested state already. */
  readonly mayMiss?: true;
  readonly purpose: Purpose;
  readonly signal?: AbortSignal | undefined;
}

const REQUEST = `
systemctl start docker.service
exec curl --silent --show-error --globoff --unix-socket /run/docker.sock --request "$1" --header 'Content-Type: application/json' \\
  --data-binary @- --write-out '\\n%{http_code}' "http://docker$2"`;

/**
 * Sends a request to docker, which is started if it does not run.
 * @returns docker's answer; undefined when the object may be missing, and is
 * @throws ApplyError when docker refuses the request
 */
export async function askDocker(scope: Scope, request: DockerRequest): Promise<Answer | undefined> {
  const { method, path, body, mayMiss, purpose, signal } = request;
  const input = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const command = ['sh', '-euc', REQUEST, 'sh', method, path];
  const { stdout } = await run(scope, command, purpose, { input, ...(signal && { signal }) });
  const text = stdout.toString();
  const end = text.lastIndexOf('\n');
  const status = Number(text.slice(end + 1));
  const answer = text.slice(0, end).trim();
  if (status >= 200 && status < 300) return answer === '' ? undefined : (JSON.parse(answer) as Answer);
  if (mayMiss && (status === 404 || status === 304)) return undefined;
  const said = fieldsOf(parsed(answer)).message;
  const problem = `docker answered ${status}: ${typeof said === 'string' ? said : answer}`;
  throw new ApplyError({ host: scope.address, ...purpose, problem });
}

/** Whether a host has docker at all. Otherwise there is nothing to delete. */
export async function hasDocker(scope: Scope): Promise<boolean> {
  const { exitCode } = await scope.run(['sh', '-c', 'command -v dockerd >/dev/null']);
  return exitCode === 0;
}
