import { type SpawnSyncOptionsWithBufferEncoding, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES_DIR } from '../../../lib/engine/paths';
import type { Scope } from '../../../lib/engine/scope';

/** Programs that change files. */
const PROGRAMS = ['cp', 'mkdir', 'mv', 'rm'];

/**
 * Takes the place of a program, and counts. The one that is to be cut off kills all of its script with SIGKILL: before it
 * has done anything, or, if it deletes or copies a root, when it has done half of it.
 */
const SHIM = `#!/bin/sh
read -r passed target < "$CUT_DIR/count"
passed=$((passed + 1))
echo "$passed $target" > "$CUT_DIR/count"
if [ "$passed" = "$target" ]; then
  for path; do last=$path; done
  case \${0##*/}$1 in
    rm-rf) [ ! -d "$last" ] || find "$last" -name version -delete ;;
    cp-a) /bin/mkdir "$last" ;;
  esac
  kill -KILL 0
fi
exec "/bin/\${0##*/}" "$@"
`;

export class Killed extends Error {}

/** This machine as a host, with the images below a directory. Its scripts can be killed before any program of theirs. */
export class CutShell implements Scope {
  readonly address = 'local';
  private readonly bin: string;

  constructor(private readonly directory: string) {
    this.bin = join(directory, 'bin');
    mkdirSync(this.bin);
    for (const program of PROGRAMS) {
      writeFileSync(join(this.bin, program), SHIM);
      chmodSync(join(this.bin, program), 0o755);
    }
    this.aimAt(0);
  }

  /** Has the scripts killed at a program, counted from now on: the first is 1. With 0 none is. */
  aimAt(target: number): void {
    writeFileSync(join(this.directory, 'count'), `0 ${target}\n`);
  }

  async run([program = '', ...words]: readonly string[], { input = '' }: { readonly input?: unknown } = {}) {
    const args = words.map((word) => word.replaceAll(IMAGES_DIR, join(this.directory, 'images')));
    const env = { PATH: `${this.bin}:/usr/bin:/bin`, CUT_DIR: this.directory };
    // In a process group of its own, which is killed as a whole.
    const options = { env, input, detached: true } as SpawnSyncOptionsWithBufferEncoding;
    const { status, signal, stdout, stderr } = spawnSync(program, args, options);
    if (signal === 'SIGKILL') throw new Killed();
    return { exitCode: status ?? 1, stdout, stderr: stderr.toString() };
  }
}
