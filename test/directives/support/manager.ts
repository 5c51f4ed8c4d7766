import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MANAGER = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].find(existsSync);

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

/** Loads unit files in a service manager that runs nothing, and returns what it makes of them. */
export function dump(files: Readonly<Record<string, string>>): Dump {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  try {
    const units = join(folder, 'units');
    const runtime = join(folder, 'runtime');
    mkdirSync(units);
    mkdirSync(runtime);
    for (const open of [folder, units]) chmodSync(open, 0o755);
    chmodSync(runtime, 0o777);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(units, name), text);
    writeFileSync(join(units, 'default.target'), `[Unit]\nWants=${Object.keys(files).join(' ')}\n`);
    return parseDump(runManager(units, runtime), units);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runManager(units: string, runtime: string): string {
  // The manager of a user does not run as root.
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const user = process.getuid?.() === 0 ? asNobody : [];
  const argv = [...user, MANAGER ?? '', '--user', '--test', '--unit=default.target'];
  const env = { PATH: process.env.PATH, HOME: '/', XDG_RUNTIME_DIR: runtime, SYSTEMD_UNIT_PATH: units };
  const { stdout, stderr, error } = spawnSync(argv[0] ?? '', argv.slice(1), { env, cwd: '/', maxBuffer: 2 ** 28 });
  if (error) return String(error);
  return `${stderr}\n${stdout}`;
}

function parseDump(output: string, folder: string): Dump {
  const [, listing = ''] = output.split(/^-> By units:\n/m);
  const blocks = (listing.split(/^-> By jobs:\n/m)[0] ?? '').split(/^\t-> Unit /m).slice(1);
  const units = new Map<string, string>();
  for (const block of blocks) {
    const end = block.indexOf(':\n');
    units.set(block.slice(0, end), block.slice(end + 2));
  }
  const messages = output.split('\n').filter((line) => line.startsWith(folder) || /^[\w@.-]+\.service: /.test(line));
  return { units, messages: blocks.length > 0 ? messages : [output.slice(0, 500)] };
}

/** Undoes the quoting in which the manager prints a command. */
export function unquoteShell(printed: string): string[] {
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
