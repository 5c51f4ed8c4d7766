import { ArchiveError } from './error';
import type { ImageArchive } from './image';
import { texts } from './image-entries';

/** How to run an image. */
export interface ImageConfig {
  /** Digest of the configuration, which is the image's ID. */
  readonly id: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  /** A name that begins with SIG, or a number. */
  readonly stopSignal: string | number | undefined;
  /** Processor architecture of its programs, in Go's words: `amd64`, `arm64`. */
  readonly architecture: string | undefined;
}

/** The configuration of an image that has none. */
export const NO_CONFIG: ImageConfig = {
  id: '',
  entrypoint: [],
  command: [],
  environment: {},
  workingDirectory: undefined,
  user: undefined,
  stopSignal: undefined,
  architecture: undefined,
};

type Values = Readonly<Record<string, unknown>>;

/** Reads the configuration of an image. @throws ArchiveError for an invalid configuration */
export function imageConfig({ file, config }: ImageArchive): ImageConfig {
  const reject = (problem: string, expected: string) =>
    new ArchiveError({ file, entry: `blobs/sha256/${config.digest}`, problem, expected });
  let values: Values;
  let architecture: unknown;
  try {
    const parsed = JSON.parse(config.content.toString()) as Values & { readonly config?: Values | null };
    values = parsed.config ?? {};
    architecture = parsed.architecture;
  } catch {
    throw reject('is not valid', 'an object in JSON');
  }
  const list = (key: string): readonly string[] => {
    const found = texts(values[key] ?? []);
    if (!found) throw reject(`has a ${key} that is not a list of strings`, 'the configuration of an image');
    return found;
  };
  const text = (key: string): string | undefined => {
    const value = values[key] ?? '';
    if (typeof value !== 'string') throw reject(`has a ${key} that is not a string`, 'the configuration of an image');
    return value || undefined;
  };
  const stopSignal = text('StopSignal');
  return {
    id: config.digest,
    entrypoint: list('Entrypoint'),
    command: list('Cmd'),
    environment: Object.fromEntries(list('Env').map(splitVariable)),
    workingDirectory: text('WorkingDir'),
    user: text('User'),
    stopSignal: stopSignal === undefined ? undefined : signalOf(stopSignal),
    architecture: typeof architecture === 'string' && /^[a-z0-9]{1,20}$/.test(architecture) ? architecture : undefined,
  };
}

// Images may omit the prefix SIG.
function signalOf(text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text);
  return `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
}

function splitVariable(variable: string): [string, string] {
  const end = variable.indexOf('=');
  return end < 0 ? [variable, ''] : [variable.slice(0, end), variable.slice(end + 1)];
}
