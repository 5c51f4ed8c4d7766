import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Host, type HostProps } from 'bulkhead';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { CLASSES, type ClassName, deedOf } from './classes';
import { type Deed, environmentOf, type Making, type Rendering, type Side } from './making';
import { type Ended, type Started, start } from './started';

const STACK = 'faults';

/** All services of the stack. */
const SERVICES = 'f-*';

/** A side as it is synthesized. */
interface Version {
  readonly side: Side;
  readonly fails?: boolean;
}

/** A stack in both of its sides, and how one of the renderings applies it. */
export abstract class Target {
  private readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-faults-'));
  protected readonly state = join(this.directory, 'terraform.tfstate');
  /** What is killed. */
  readonly deed: Deed;
  protected readonly versions: readonly Version[];

  /** @param main the `bulkhead` command */
  constructor(
    address: HostProps['address'],
    private readonly classes: readonly ClassName[],
    private readonly main: string,
    private readonly rendering: Rendering,
  ) {
    this.deed = deedOf(classes);
    const failing = this.deed === 'failing apply' ? [false, true] : [false];
    this.versions = (['a', 'b'] as const).flatMap((side) => failing.map((fails) => ({ side, fails })));
    for (const version of this.versions) this.synthesize(address, version);
  }

  /** Starts what leads to a side, or with a rollback what leads away from it. */
  start(deed: Deed, side: Side): Started {
    if (deed === 'rollback') return this.bulkhead({ side }, 'rollback', SERVICES, '--auto-approve');
    return this.apply({ side, fails: deed === 'failing apply' });
  }

  /** Which versions of services the host has, a line each. @throws Error when the host can't say */
  async history(side: Side): Promise<string> {
    const { code, output } = await this.bulkhead({ side }, 'history', '--json').ended;
    if (code !== 0) throw new Error(`bulkhead history failed: ${output}`);
    const { hosts } = JSON.parse(output) as HistoryDocument;
    return hosts
      .flatMap(({ services }) => services)
      .map(({ name, versions }) => `${name} ${versions.map(({ current }) => (current ? 'runs' : 'kept')).join(' ')}\n`)
      .join('');
  }

  /** What has to be done once before anything is applied. */
  abstract prepare(): Promise<void>;
  protected abstract apply(version: Version): Started;
  /** What is still to be done for a side; nothing when the host matches. */
  abstract differences(side: Side): Promise<string>;
  abstract destroy(): Promise<void>;
  /** What is wrong with what it knows, where it remembers anything by itself. @param services who is on the host */
  abstract memory(services: readonly string[]): string;

  cleanUp(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  protected bulkhead(version: Version, ...args: readonly string[]): Started {
    const words = [...args, '--trust-secrets', '--bundle', this.placeOf(version, 'bundle')];
    return start([process.execPath, this.main, ...words], { env: environmentOf(version.side) });
  }

  protected placeOf(version: Version, what: 'bundle' | 'stacks'): string {
    return join(this.directory, nameOf(version), what, STACK);
  }

  private synthesize(address: HostProps['address'], version: Version): void {
    let count = 0;
    const { side, fails = false } = version;
    const makeDirectory: Making['makeDirectory'] = (files) => {
      const made = join(this.directory, `${side}-${++count}`);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(made, name)), { recursive: true });
        writeFileSync(join(made, name), content);
      }
      return made;
    };
    const app = new App({ outdir: join(this.directory, nameOf(version)) });
    const stack = new TerraformStack(app, STACK);
    new LocalBackend(stack, { path: this.state });
    const host = new Host(stack, 'host', { address, settleTime: '1s' });
    const making = { rendering: this.rendering, fails, makeDirectory };
    for (const name of this.classes) CLASSES[name].build(host, side, making);
    app.synth();
  }
}

const nameOf = ({ side, fails = false }: Version) => (fails ? `${side}-fails` : side);

/** A part of what `bulkhead history --json` prints. */
interface HistoryDocument {
  readonly hosts: readonly {
    readonly services: readonly {
      readonly name: string;
      readonly versions: readonly { readonly current: boolean }[];
    }[];
  }[];
}

/** Applied by the `bulkhead` command. */
class BulkheadTarget extends Target {
  async prepare(): Promise<void> {}

  protected apply(version: Version): Started {
    return this.bulkhead(version, 'apply', '--auto-approve');
  }

  async differences(side: Side): Promise<string> {
    const { code, output } = await this.bulkhead({ side }, 'plan', '--detailed-exitcode').ended;
    return code === 0 ? '' : output;
  }

  async destroy(): Promise<void> {
    succeeded('bulkhead destroy', await this.bulkhead({ side: 'a' }, 'destroy', '--auto-approve').ended);
  }

  memory(): string {
    return '';
  }
}

/** Applied by Terraform, with a state that all versions share. */
class TerraformTarget extends Target {
  async prepare(): Promise<void> {
    for (const version of this.versions) succeeded('terraform init', await this.terraform(version, 'init').ended);
  }

  protected apply(version: Version): Started {
    return this.terraform(version, 'apply', '-auto-approve');
  }

  async differences(side: Side): Promise<string> {
    const { code, output } = await this.terraform({ side }, 'plan', '-detailed-exitcode').ended;
    return code === 0 ? '' : output;
  }

  async destroy(): Promise<void> {
    succeeded('terraform destroy', await this.terraform({ side: 'a' }, 'destroy', '-auto-approve').ended);
  }

  memory(services: readonly string[]): string {
    const { resources } = JSON.parse(readFileSync(this.state, 'utf8')) as { resources: Resource[] };
    const known = resources.flatMap(({ instances }) =>
      instances.map(({ attributes: { name }, status }) => [name, status].filter(Boolean).join(' ')),
    );
    const [has, knows] = [[...services].sort().join(', '), known.sort().join(', ')];
    return has === knows ? '' : `Terraform's state has ${knows}, but the host has ${has}`;
  }

  private terraform(version: Version, ...args: readonly string[]): Started {
    // An empty configuration of the command line, so that the one of this machine has no say.
    const env = { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...environmentOf(version.side) };
    return start(['terraform', ...args, '-no-color'], { cwd: this.placeOf(version, 'stacks'), env });
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
  const target = rendering === 'bulkhead' ? BulkheadTarget : TerraformTarget;
  return new target(address, classes, main, rendering);
}
