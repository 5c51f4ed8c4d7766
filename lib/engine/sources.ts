import { isUtf8 } from 'node:buffer';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { kindOf, type Manifest, mostOfVariable, type ObjectPart, secretNameOf, variableOf } from '../manifest';
import type { Value, Values } from './values';

/** systemd accepts larger credentials. Passwords, keys and certificates are smaller. */
const MOST_BYTES = 64 * 1024;

/**
 * Reads the values of secrets on this machine. It reads each source once, so a command asks for a passphrase once. No
 * message contains any output of a source.
 */
export class Sources {
  private readonly known = new Map<string, Promise<Value>>();

  /** @param directory The project around this directory is where relative paths start and commands run. */
  constructor(private readonly directory = process.cwd()) {}

  /** @param given Values that Terraform knows, by names of secrets. */
  async valuesOf(manifests: readonly Manifest[], given: Readonly<Record<string, string>> = {}): Promise<Values> {
    const objects = manifests.flatMap((manifest) => Object.entries(manifest.objects));
    const values = objects.map(async ([key, object]) => {
      const { of } = kindOf(key);
      const value = isGiven(key, object) ? await this.valueOf(object.spec ?? {}, given[secretNameOf(of)]) : undefined;
      return value ? [[key, variableOf(of) === undefined ? value : ofVariable(value, of)] as const] : [];
    });
    return new Map((await Promise.all(values)).flat());
  }

  private async valueOf(
    { source, from = '' }: Readonly<Record<string, string>>,
    given: string | undefined,
  ): Promise<Value> {
    if (source === 'value') return given === undefined ? UNKNOWN : checked(Buffer.from(given), 'the value');
    const key = `${source} ${from}`;
    const reading = this.known.get(key) ?? this.read(source, from);
    this.known.set(key, reading);
    return reading;
  }

  private async read(source: string | undefined, from: string): Promise<Value> {
    if (source === 'environmentVariable') return variable(from);
    const directory = projectOf(this.directory);
    return source === 'file' ? file(resolve(directory, from)) : command(wordsIn(from), directory);
  }
}

/** Whether an object is a secret whose value the host does not generate. */
export const isGiven = (key: string, { spec }: ObjectPart): boolean =>
  kindOf(key).kind === 'secret' && spec?.source !== 'generated';

const UNKNOWN: Value = { problem: 'only Terraform knows its value', advice: 'apply it with Terraform' };

/** The nearest directory with a cdktf.json, from here upwards; if there is none, this directory. */
function projectOf(directory: string): string {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if (existsSync(join(at, 'cdktf.json'))) return at;
    if (at === dirname(at)) return resolve(directory);
  }
}

function checked(bytes: Uint8Array, what: string): Value {
  const advice = `expected 1 to ${MOST_BYTES} bytes`;
  if (bytes.length === 0) return { problem: `${what} is empty`, advice };
  return bytes.length > MOST_BYTES ? { problem: `${what} has ${bytes.length} bytes`, advice } : { bytes };
}

/** The value of a variable. systemd accepts text alone, and a second line could be read as another variable. */
function ofVariable(value: Value, object: string): Value {
  if (!value.bytes) return value;
  const most = mostOfVariable(object) ?? MOST_BYTES;
  if (value.bytes.length > most)
    return {
      problem: `its value has ${value.bytes.length} bytes, which is too long for the variable of this service`,
      advice: `expected at most ${most} bytes, or give it to the service as a file`,
    };
  if (!isUtf8(value.bytes))
    return { problem: 'its value is not text in UTF-8', advice: 'give it to the service as a file' };
  if (![0, 10, 13].some((byte) => value.bytes.includes(byte))) return value;
  return {
    problem: 'its value has a line break or a NUL byte, which the variable of a service cannot have',
    advice: 'end it without a line break, as printf %s does, or give it to the service as a file',
  };
}

function variable(name: string): Value {
  const value = process.env[name];
  const what = `the environment variable ${name}`;
  if (value !== undefined) return checked(Buffer.from(value), what);
  return { problem: `${what} is not set`, advice: 'set it where you plan and apply' };
}

async function file(path: string): Promise<Value> {
  try {
    return checked(await readFile(path), path);
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? `there is no file ${path}` : `${path} can't be read (${code})`;
    return { problem, advice: 'name a file of the machine where you plan and apply' };
  }
}

function command([program = '', ...args]: readonly string[], cwd: string): Promise<Value> {
  const line = [program, ...args].join(' ');
  return new Promise((done) => {
    const child = execFile(program, args, { cwd, encoding: 'buffer', maxBuffer: 2 * MOST_BYTES }, (error, stdout) => {
      if (!error) return done(checked(withoutLineBreak(stdout), `what "${line}" prints`));
      const { code } = error;
      const problem =
        code === 'ENOENT'
          ? `there is no program "${program}"`
          : `the command "${line}" failed (${code ?? error.signal})`;
      done({ problem, advice: 'run it where you plan and apply, to see what it says' });
    });
    child.stdin?.end();
  });
}

function wordsIn(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string' && !word.includes('\0'))) return words;
  } catch {}
  return [];
}

// Programs end the line after they print a password.
function withoutLineBreak(bytes: Buffer): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}
