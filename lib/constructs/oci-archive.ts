import { list } from 'tar';
import { fail } from './problem';

/** What an image says about how to run it. */
export interface ImageConfig {
  /** Digest of the configuration, which is the image's ID. */
  readonly id: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  /** With SIG, or a number. */
  readonly stopSignal: string | number | undefined;
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType?: string;
}
interface Index {
  readonly manifests: readonly Descriptor[];
}
interface ImageManifest {
  readonly config: Descriptor;
}
interface Config {
  readonly config?: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly StopSignal?: string;
  };
}

/** Reads the configuration of the one image in an OCI archive. @throws Error for another file. */
export function readImageConfig(path: string, at: string): ImageConfig {
  const reject = (problem: string): never =>
    fail({ action: 'read image', value: path, problem, expected: 'an OCI archive with one image', at });
  const read = <T>(name: string): T => {
    const text = entryOf(path, name) ?? reject(`has no ${name}`);
    return JSON.parse(text) as T;
  };
  const { manifests } = read<Index>('index.json');
  const [first, ...others] = manifests;
  if (!first || others.length > 0) return reject(`holds ${manifests.length} images`);
  const { config } = read<ImageManifest>(blob(first));
  if (!config) return reject('holds images of several platforms');
  const { Entrypoint, Cmd, Env, WorkingDir, User, StopSignal } = read<Config>(blob(config)).config ?? {};
  return {
    id: config.digest.replace(/^sha256:/, ''),
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    environment: Object.fromEntries((Env ?? []).map(splitVariable)),
    workingDirectory: WorkingDir || undefined,
    user: User || undefined,
    stopSignal: StopSignal ? signalOf(StopSignal) : undefined,
  };
}

// Images may leave out SIG.
function signalOf(text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text);
  return `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
}

function blob({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function splitVariable(variable: string): [string, string] {
  const end = variable.indexOf('=');
  return end < 0 ? [variable, ''] : [variable.slice(0, end), variable.slice(end + 1)];
}

function entryOf(file: string, name: string): string | undefined {
  const chunks: Buffer[] = [];
  let found = false;
  list({
    file,
    sync: true,
    filter: (path) => path.replace(/^\.\//, '') === name,
    onReadEntry: (entry) => {
      found = true;
      entry.on('data', (chunk) => chunks.push(chunk));
    },
  });
  return found ? Buffer.concat(chunks).toString('utf8') : undefined;
}
