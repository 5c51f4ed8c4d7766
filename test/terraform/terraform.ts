import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const SOURCE = 'terraform.test.invalid/bulkhead/test';
const VERSION = '0.0.1';

const platform = platformOfTerraform();

function platformOfTerraform(): string | undefined {
  try {
    return JSON.parse(execFileSync('terraform', ['version', '-json'], { encoding: 'utf8', stdio: 'pipe' })).platform;
  } catch {
    return undefined;
  }
}

/** Tests that need a real Terraform. Where there is none they are skipped, and say so. */
export function describeWithTerraform(name: string, tests: () => void): void {
  if (platform) describe(name, tests);
  else describe.skip(`${name} (skipped: terraform is not installed)`, tests);
}

/** A diagnostic as Terraform shows it. */
export interface ShownDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  /** Where in the configuration. */
  readonly snippet?: { readonly context: string | null; readonly code: string };
}

export interface Run {
  readonly exitCode: number | null;
  readonly output: string;
  readonly diagnostics: readonly ShownDiagnostic[];
}

export interface Started {
  readonly pid: number;
  /** What it has said so far. */
  output(): string;
  readonly ended: Promise<Run>;
}

/** A folder with a configuration, and Terraform run in it without the settings of this machine. */
export class Workspace {
  /** @param env Settings that Terraform gets all the same. */
  constructor(
    readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-terraform-')),
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}
  private readonly running = new Set<ChildProcess>();

  /** Bundles the test provider into the folder's mirror and runs `terraform init`. */
  static async create(): Promise<Workspace> {
    const workspace = new Workspace();
    const mirror = join(workspace.directory, 'terraform.d', 'plugins', SOURCE, VERSION, String(platform));
    const executable = join(mirror, 'terraform-provider-test.cjs');
    mkdirSync(mirror, { recursive: true });
    writeFileSync(executable, bundle());
    chmodSync(executable, 0o755);
    workspace.configure({});
    await workspace.succeed(['init']);
    return workspace;
  }

  /** Path of a file in the folder. */
  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Replaces the configuration by these `test_file` resources and other blocks. */
  configure(files: Readonly<Record<string, object>>, blocks: object = {}): void {
    const config = {
      terraform: { required_providers: { test: { source: SOURCE, version: VERSION } } },
      ...(Object.keys(files).length ? { resource: { test_file: files } } : {}),
    };
    writeFileSync(this.path('main.tf.json'), JSON.stringify({ ...config, ...blocks }, undefined, 2));
  }

  validate = () => this.run(['validate', '-json']);
  plan = (...args: readonly string[]) => this.run(['plan', '-json', '-detailed-exitcode', ...args]);
  apply = (...args: readonly string[]) => this.run(['apply', '-json', '-auto-approve', ...args]);
  destroy = () => this.run(['destroy', '-json', '-auto-approve']);

  /** The attributes of a `test_file` in the state, and what else the state has about it. */
  state(name: string): { attributes: Record<string, unknown>; status?: string; private?: string } | undefined {
    const state = JSON.parse(this.read('terraform.tfstate'));
    return state.resources.find((resource: { name: string }) => resource.name === name)?.instances[0];
  }

  /** Runs Terraform to its end. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    return this.start(args, env).ended;
  }

  /** Runs Terraform, which must succeed; gives what it said. */
  async succeed(args: readonly string[]): Promise<string> {
    const { exitCode, output } = await this.run(args);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(' ')}: ${output}`);
    return output;
  }

  /** Starts Terraform in a process group of its own, as a shell does. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
    const child = spawn('terraform', args, {
      cwd: this.directory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // An empty CLI configuration, so that the one of this machine has no say.
      env: {
        ...process.env,
        TF_CLI_CONFIG_FILE: '/dev/null',
        CHECKPOINT_DISABLE: '1',
        TMPDIR: this.directory,
        ...this.env,
        ...env,
      },
    });
    this.running.add(child);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const output = () => Buffer.concat(chunks).toString();
    const ended = new Promise<Run>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => {
        this.running.delete(child);
        resolve({ exitCode, output: output(), diagnostics: diagnosticsIn(output()) });
      });
    });
    return { pid: child.pid ?? 0, output, ended };
  }

  /** Ends what still runs and removes the folder. */
  remove(): void {
    for (const child of this.running) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The diagnostics in the output of a command with `-json`: one document, or one per line. */
function diagnosticsIn(output: string): ShownDiagnostic[] {
  const documents = output.startsWith('{\n') ? [output] : output.split('\n').filter((line) => line.startsWith('{'));
  return documents.flatMap((text) => {
    const { diagnostic, diagnostics } = JSON.parse(text);
    return diagnostics ?? (diagnostic ? [diagnostic] : []);
  });
}

let bundled: Uint8Array | undefined;

function bundle(): Uint8Array {
  bundled ??= buildSync({
    entryPoints: [join(dirname(__filename), 'file-provider.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
  }).outputFiles[0]?.contents;
  if (!bundled) throw new Error('Cannot bundle the test provider');
  return bundled;
}

/** Waits until something is so, at most twenty seconds. */
export async function until<T>(condition: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
