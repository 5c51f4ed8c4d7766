import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MANAGER = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].find(existsSync);

export type Files = Readonly<Record<string, string>>;

/** Why no systemd here can be asked; nothing if one can. */
export function managerMissing(): string | undefined {
  if (!MANAGER) return 'systemd is not installed';
  const probe = dump({ 'probe.service': '[Service]\nExecStart=/bin/true\n' });
  return probe.units.has('probe.service') ? undefined : `systemd --test does not run here: ${probe.messages[0]}`;
}

/** What a real service manager understood. */
export interface Dump {
  /** The lines that it prints about each unit. */
  readonly units: ReadonlyMap<string, string>;
  /** What it had to say about the files. */
  readonly messages: readonly string[];
}

/** The same files with a unit that makes the manager load all of them, of a template one instance. */
export function withTarget(files: Files): Files {
  const names = Object.keys(files).filter((name) => !name.includes('/'));
  return { ...files, 'default.target': `[Unit]\nWants=${names.map(instanceOf).join(' ')}\n` };
}

/** The unit that is loaded for a file: of a template an instance. */
export function instanceOf(name: string): string {
  return name.replace(/@\./, '@instance.');
}

/** Loads unit files in a service manager that runs nothing, and returns what it makes of them. */
export function dump(files: Files): Dump {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  try {
    const units = join(folder, 'units');
    const runtime = join(folder, 'runtime');
    mkdirSync(units);
    mkdirSync(runtime);
    for (const open of [folder, units]) chmodSync(open, 0o755);
    chmodSync(runtime, 0o777);
    writeFiles(units, withTarget(files));
    return parseDump(runManager(units, runtime), units);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The command that loads the units of a folder and prints them. The manager of a user does not run as root. */
export function managerCommand(manager: string, units: string, runtime: string, root: boolean): string[] {
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const variables = ['HOME=/', `XDG_RUNTIME_DIR=${runtime}`, `SYSTEMD_UNIT_PATH=${units}`];
  const environment = ['env', '-i', `PATH=${process.env.PATH}`, ...variables];
  return [...(root ? asNobody : []), ...environment, manager, '--user', '--test', '--unit=default.target'];
}

function runManager(units: string, runtime: string): string {
  const argv = managerCommand(MANAGER ?? '', units, runtime, process.getuid?.() === 0);
  const { stdout, stderr, error } = spawnSync(argv[0] ?? '', argv.slice(1), { cwd: '/', maxBuffer: 2 ** 28 });
  if (error) return String(error);
  return `${stderr}\n${stdout}`;
}

// A terminal that knows UTF-8 is shown arrows.
const ARROW = /^(\t*)→ /gm;

/** Reads what a manager printed that loaded the units of a folder. */
export function parseDump(output: string, folder: string): Dump {
  const [, listing = ''] = output.replace(ARROW, '$1-> ').split(/^-> By units:\n/m);
  const blocks = (listing.split(/^-> By jobs:\n/m)[0] ?? '').split(/^\t-> Unit /m).slice(1);
  const units = new Map<string, string>();
  for (const block of blocks) {
    const end = block.indexOf(':\n');
    units.set(block.slice(0, end), block.slice(end + 2));
  }
  const messages = output.split('\n').filter((line) => line.startsWith(folder) || /^[\w@.-]+\.service: /.test(line));
  return { units, messages: blocks.length > 0 ? messages : [output.slice(0, 500)] };
}

const OF_MOMENT =
  /Timestamp: |-> Job |Action: |State: waiting|Irreversible: |May GC: |Invocation ID: |Path: \/run\/directives/;
// What depends on what has no order, nor have conditions, addresses and system calls.
const UNORDERED = /\((?:origin|destination)-|^\t\t(?:Condition|Assert|IPAddress)\w+: /;
const SET = /^\t\tSystemCall\w+: /;

/** The lines about a unit that are the same whenever it is loaded. */
export function linesOf(block: string): string[] {
  const lines = block
    .split('\n')
    .filter((line) => !OF_MOMENT.test(line))
    // Which word of the set comes first, and so has the mark of the whole, differs.
    .map((line) =>
      SET.test(line) ? `${line.replace('~', '').split(' ').sort().join(' ')}${line.includes('~') ? ' ~' : ''}` : line,
    );
  const isUnordered = (line: string) => UNORDERED.test(line);
  return [...lines.filter((line) => !isUnordered(line)), ...lines.filter(isUnordered).sort()];
}

const COMMAND = /(?<=\t\tCommand Line: )[^\n]*/g;

/** The commands of a unit's lines, word by word, and the lines without them. */
export function commandsOf(block: string): { commands: string[][]; rest: string } {
  const commands = [...block.matchAll(COMMAND)].map(([words]) => unquoteShell(words));
  return { commands, rest: block.replace(COMMAND, '') };
}

/** Undoes the quoting in which the manager prints a command. */
function unquoteShell(printed: string): string[] {
  const words: string[] = [];
  for (const [, quoted, plain] of printed.matchAll(/"((?:[^"\\]|\\.)*)"|([^ "]+)/gs)) {
    words.push(quoted === undefined ? (plain ?? '') : quoted.replace(/\\([0-7]{3}|.)/gs, (_, code) => unescapeC(code)));
  }
  return words;
}

function unescapeC(code: string): string {
  if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  return { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[code] ?? code;
}
