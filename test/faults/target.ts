import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Host, type HostProps } from 'bulkhead';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { CLASSES, type ClassName, type MakeDirectory, type Side } from './classes';
import { type Ended, type Started, start } from './started';

export const RENDERINGS = ['bulkhead', 'terraform'] as const;
export type Rendering = (typeof RENDERINGS)[number];

const STACK = 'faults';

/** A stack in both of its sides, and how one of the renderings applies it. */
export abstract class Target {
  private readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-faults-'));
  protected readonly state = join(this.directory, 'terraform.tfstate');

  constructor(
    address: HostProps['address'],
    readonly classes: readonly ClassName[],
  ) {
    for (const side of ['a', 'b'] as const) this.synthesize(address, side);
  }

  /** What has to be done once before anything is applied. */
  abstract prepare(): Promise<void>;
  /** Starts an apply of a side. */
  abstract apply(side: Side): Started;
  /** What is still to be done for a side; nothing when the host matches. */
  abstract differences(side: Side): Promise<string>;
  abstract destroy(): Promise<void>;
  /** What is wrong with what it knows, where it remembers anything by itself. @param services who is on the host */
  abstract memory(services: readonly string[]): string;

  cleanUp(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  protected placeOf(side: Side, what: 'bundle' | 'stacks'): string {
    return join(this.directory, side, what, STACK);
  }

  private synthesize(address: HostProps['address'], side: Side): void {
    let count = 0;
    const makeDirectory: MakeDirectory = (files) => {
      const made = join(this.directory, `${side}-${++count}`);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(made, name)), { recursive: true });
        writeFileSync(join(made, name), content);
      }
      return made;
    };
    const app = new App({ outdir: join(this.directory, side) });
    const stack = new TerraformStack(app, STACK);
    new LocalBackend(stack, { path: this.state });
    const host = new Host(stack, 'host', { address, settleTime: '1s' });
    for (const name of this.classes) CLASSES[name].build(host, side, makeDirectory);
    app.synth();
  }
}

/** Applied by the `bulkhead` command. */
class BulkheadTarget extends Target {
  constructor(
    address: HostProps['address'],
    classes: readonly ClassName[],
    private readonly main: string,
  ) {
    super(address, classes);
  }

  async prepare(): Promise<void> {}

  apply(side: Side): Started {
    return this.start('apply', side, '--auto-approve');
  }

  async differences(side: Side): Promise<string> {
    const { code, output } = await this.start('plan', side, '--detailed-exitcode').ended;
    return code === 0 ? '' : output;
  }

  async destroy(): Promise<void> {
    succeeded('bulkhead destroy', await this.start('destroy', 'a', '--auto-approve').ended);
  }

  memory(): string {
    return '';
  }

  private start(command: string, side: Side, ...options: readonly string[]): Started {
    return start([process.execPath, this.main, command, ...options, '--bundle', this.placeOf(side, 'bundle')]);
  }
}

/** Applied by Terraform, with a state that both sides share. */
class TerraformTarget extends Target {
  async prepare(): Promise<void> {
    for (const side of ['a', 'b'] as const) succeeded('terraform init', await this.start(side, 'init').ended);
  }

  apply(side: Side): Started {
    return this.start(side, 'apply', '-auto-approve');
  }

  async differences(side: Side): Promise<string> {
    const { code, output } = await this.start(side, 'plan', '-detailed-exitcode').ended;
    return code === 0 ? '' : output;
  }

  async destroy(): Promise<void> {
    succeeded('terraform destroy', await this.start('a', 'destroy', '-auto-approve').ended);
  }

  memory(services: readonly string[]): string {
    const { resources } = JSON.parse(readFileSync(this.state, 'utf8')) as { resources: Resource[] };
    const known = resources.flatMap(({ instances }) =>
      instances.map(({ attributes: { name }, status }) => [name, status].filter(Boolean).join(' ')),
    );
    const [has, knows] = [[...services].sort().join(', '), known.sort().join(', ')];
    return has === knows ? '' : `Terraform's state has ${knows}, but the host has ${has}`;
  }

  private start(side: Side, ...args: readonly string[]): Started {
    // An empty configuration of the command line, so that the one of this machine has no say.
    const env = { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' };
    return start(['terraform', ...args, '-no-color'], { cwd: this.placeOf(side, 'stacks'), env });
  }
}

interface Resource {
  readonly instances: readonly { readonly attributes: { readonly name: string }; readonly status?: string }[];
}

function succeeded(command: string, { code, output }: Ended): void {
  if (code !== 0) throw new Error(`${command} failed: ${output}`);
}

/** @param main the `bulkhead` command */
export function targetOf(
  rendering: Rendering,
  address: HostProps['address'],
  classes: readonly ClassName[],
  main: string,
): Target {
  return rendering === 'bulkhead' ? new BulkheadTarget(address, classes, main) : new TerraformTarget(address, classes);
}
