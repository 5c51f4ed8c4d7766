import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { Workspace } from '../terraform/terraform';
import { cdkArgv } from './cdk-clis';
import { ADDRESS } from './host';

const root = join(__dirname, '..', '..');

/** A directory with a cdktf.json, as a user has one. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-project-'));

  /** Terraform in the directory of its stack. */
  readonly terraform: Workspace;

  /** @param program File beside this one that synthesizes. */
  constructor(program: string, stack: string) {
    this.terraform = new Workspace(join(this.directory, 'cdktf.out', 'stacks', stack));
    const app = `${join(root, 'node_modules', '.bin', 'tsx')} ${join(__dirname, program)}`;
    const config = { language: 'typescript', app, projectId: 'test', sendCrashReports: 'false' };
    writeFileSync(join(this.directory, 'cdktf.json'), JSON.stringify(config));
  }

  /** Runs the CLI of cdktf, from npm's cache or the registry. */
  async cdktf(...args: readonly string[]): Promise<{ output: string; exitCode: number | null }> {
    const child = spawn('npx', cdkArgv('cdktf', args), {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        BULKHEAD_TEST_ADDRESS: ADDRESS,
        CHECKPOINT_DISABLE: '1',
        DISABLE_VERSION_CHECK: '1',
        TF_CLI_CONFIG_FILE: '/dev/null',
      },
    });
    const closed = once(child, 'close');
    const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { output: stripVTControlCharacters(stdout + stderr), exitCode };
  }

  cleanUp(): void {
    rmSync(this.directory, { recursive: true });
  }
}
