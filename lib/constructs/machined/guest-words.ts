import { GUEST_GATEWAY } from '../../network/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import type { Environment } from '../props/environment';
import { type GuestVolume, volumeWords } from './guest-volumes';

/** Addresses of a guest on its Network. */
export interface GuestAddresses {
  readonly address: string;
  readonly address6: string;
}

export interface GuestWords {
  /** Name of the service. */
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Undefined for a guest without a network. */
  readonly addresses: GuestAddresses | undefined;
  readonly environment: Environment;
  readonly volumes: readonly GuestVolume[];
  /** Process 1 and its arguments. Empty when the kernel looks for an init. */
  readonly init: readonly string[];
  /**
   * Device that the kernel mounts as its root. Undefined when the initrd chooses the root, or when a disk has a boot
   * loader.
   */
  readonly root: string | undefined;
  readonly readOnlyRoot: boolean;
  /** Arguments that the user adds. */
  readonly commandLine: readonly string[];
}

/** Most characters of a command line, a little less than an x86-64 kernel reads. */
export const MOST_CHARACTERS = 2000;

/** Most characters at synthesis. The rest is for the names that the guest may reach, which are added at its start. */
const MOST_OWN = 1200;

/** Most variables. The kernel panics at more than 32, and sets two itself. */
const MOST_VARIABLES = 30;

/**
 * The command line of a guest's kernel. The kernel passes on the words that it does not know. Process 1 gets
 * `NAME=value` as an environment variable. A word with a dot is only in /proc/cmdline.
 * @see kernel-command-line(7), systemd(1)
 */
export function kernelCommandLine(guest: GuestWords, at: string): string {
  const { name, id, addresses, environment, volumes, init, root, readOnlyRoot, commandLine } = guest;
  const [program, ...args] = init;
  const variables = variablesOf(environment, at);
  const words = [
    'console=ttyS0',
    ...(root === undefined ? [] : [`root=${root}`, readOnlyRoot ? 'ro' : 'rw']),
    'systemd.firstboot=off',
    `systemd.machine_id=${id}`,
    // It counts for more than what /etc/hostname of the image says.
    `systemd.hostname=${name}`,
    `bulkhead.hostname=${name}`,
    ...(addresses ? networkWords(addresses) : []),
    ...volumeWords(volumes),
    ...variables.flatMap((variable) => [variable, `systemd.setenv=${variable}`]),
    ...commandLine.map((word, index) => checkWord(word, 'boot with', `${at}.commandLine[${index}]`)),
    ...(program === undefined ? [] : [`init=${checkWord(program, 'start', `${at}.command`)}`]),
    ...(args.length > 0 ? ['--', ...args.map((word) => checkWord(word, 'start with', `${at}.command`))] : []),
  ];
  const line = words.map(quoted).join(' ');
  if (line.length <= MOST_OWN) return line;
  return fail({
    action: 'boot with a command line of',
    value: line.length,
    problem: 'characters are too many',
    expected: `at most ${MOST_OWN}: shorter words in environment, command and commandLine, or a file in a volume`,
    at,
  });
}

// systemd reads a single quote as the begin of a quoted text.
const quoted = (word: string) => (/[ ']/.test(word) || word === '' ? `"${word}"` : word);

function variablesOf(environment: Environment, at: string): string[] {
  const entries = Object.entries(environment);
  if (entries.length > MOST_VARIABLES)
    fail({
      action: 'set variables',
      value: entries.length,
      problem: "are more than a kernel's command line may have",
      expected: `at most ${MOST_VARIABLES}`,
      at: `${at}.environment`,
    });
  return entries.map(
    ([name, value]) => `${name}=${checkWord(value, `set variable ${name} to`, `${at}.environment.${name}`)}`,
  );
}

function networkWords({ address, address6 }: GuestAddresses): string[] {
  return [
    `bulkhead.address=${address}`,
    `bulkhead.address6=${address6}`,
    `bulkhead.gateway=${GUEST_GATEWAY.address}`,
    `bulkhead.gateway6=${GUEST_GATEWAY.address6}`,
  ];
}

function checkWord(word: unknown, action: string, at: string): string {
  const isText = typeof word === 'string';
  const known = isText && !Token.isUnresolved(word);
  if (known && /^[ !#-~]*$/.test(word)) return word;
  return fail({
    action,
    value: word,
    problem: isText && !known ? 'is not known at synthesis' : "can't be on a kernel's command line",
    expected:
      'printable ASCII without double quotes; other text belongs in a file of a volume, or in a service that is not a VM, such as an NspawnMachine',
    at,
  });
}
