import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Dump,
  type Files,
  managerCommand,
  parseDump,
  withTarget,
  writeFiles,
} from '../directives/support/manager';
import { lab } from './host';

// Several files of tests may do this at once.
const FOLDER = `/run/directives-manager-${process.pid}`;
const UNITS = `${FOLDER}/units`;
const MANAGER = managerCommand('/usr/lib/systemd/systemd', UNITS, `${FOLDER}/runtime`, true);

/** Files as one archive, which reaches the host in one go whatever they hold. */
export function pack(files: Files): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  try {
    writeFiles(folder, files);
    return spawnSync('tar', ['-c', '-C', folder, '.'], { maxBuffer: 2 ** 28 }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads unit files in the host's version of systemd, which runs nothing of them. */
export function dumpOnHost(files: Files): Promise<Dump> {
  return run('tar -x -C "$UNITS"', withTarget(files));
}

/** Has Quadlet make units of files, and loads those. */
export function dumpQuadlet(files: Files): Promise<Dump> {
  const generate = `mkdir "$FOLDER/files"
    tar -x -C "$FOLDER/files"
    QUADLET_UNIT_DIRS="$FOLDER/files" /usr/libexec/podman/quadlet -no-kmsg-log "$UNITS" "$UNITS" "$UNITS" 2>&1 |
      grep -v ': Loading source unit\\|: Warning: ' | sed "s|^|$UNITS: |"
    { echo '[Unit]'; cd "$UNITS"; printf 'Wants=%s\\n' *.service; } >"$FOLDER/default.target"
    mv "$FOLDER/default.target" "$UNITS"`;
  return run(generate, files);
}

async function run(makeUnits: string, files: Files): Promise<Dump> {
  const script = `FOLDER="$1"
    trap 'rm -rf "$FOLDER"' EXIT
    UNITS="$FOLDER/units"
    mkdir -p "$UNITS" "$FOLDER/runtime"
    ${makeUnits}
    chmod 777 "$FOLDER/runtime"
    chmod 755 "$UNITS"
    shift
    cd /
    "$@" 2>&1 || true # the transaction may fail, which is of no interest`;
  const { exitCode, stdout, stderr } = await lab.run(['sh', '-euc', script, 'sh', FOLDER, ...MANAGER], pack(files));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return parseDump(stdout.toString(), UNITS);
}
