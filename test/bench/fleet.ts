import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, reset, SystemdService } from 'bulkhead';
import { App, HttpBackend, TerraformStack } from 'cdktf';
import { Lab } from '../../lib/lab';
import { PACKAGES } from '../host/labs';
import { type RunOptions, type Sample, time, timeNode } from './measure';
import { StateServer } from './state-server';

const LAB = 'bench';
const STACK = 'bench';
const CLI = join(__dirname, '../../dist/cli/main.js');

/** A synthesized stack of services. */
export interface Synthesized {
  /** Where its cdk.tf.json lies. */
  readonly terraform: string;
  readonly bundle: string;
}

/** How one stack differs from another one of as many services. */
export interface StackOptions {
  /** A setting of the first service. */
  readonly setting?: string;
  /** Whether the services have the default sandbox as it is. */
  readonly sandboxed?: boolean;
  readonly sshOptions?: readonly string[];
}

/** Services on a practice host that only the benchmarks use. */
export class Fleet {
  /** Boots the practice host. */
  static async start(progress: (message: string) => void): Promise<Fleet> {
    if (!existsSync(CLI)) throw new Error(`Cannot measure "${CLI}": it is not there, expected npm run build first`);
    const lab = new Lab({ name: LAB, packages: PACKAGES });
    // One that was left by a run that was killed has services.
    await lab.down();
    await lab.up(progress);
    return new Fleet(lab, await StateServer.start(), progress);
  }

  readonly address = `lab:${LAB}` as const;
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  private size = 0;
  private readonly stacks = new Map<string, Synthesized>();

  private constructor(
    private readonly lab: Lab,
    private readonly states: StateServer,
    private readonly progress: (message: string) => void,
  ) {}

  /** Makes the host have exactly so many services, all of them running. */
  async resize(count: number): Promise<void> {
    if (count === this.size) return;
    this.progress(`${count} services on the host`);
    await this.apply(this.stack(count));
    this.size = count;
  }

  /** A stack of so many services. */
  stack(count: number, options: StackOptions = {}): Synthesized {
    const key = JSON.stringify([count, options]);
    const stack = this.stacks.get(key) ?? this.services(count, options);
    this.stacks.set(key, stack);
    return stack;
  }

  /** Where Terraform may keep a state, on this machine. */
  stateUrl(name: string): string {
    return this.states.url(name);
  }

  plan({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'plan', '--detailed-exitcode', '--trust-ssh-options', '--bundle', bundle]);
  }

  apply({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'apply', '--auto-approve', '--trust-ssh-options', '--bundle', bundle]);
  }

  destroy({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'destroy', '--auto-approve', '--bundle', bundle]);
  }

  /** Runs a command on the host through a connection of its own. */
  ssh(command: readonly string[], options: RunOptions = {}, sshOptions: readonly string[] = []): Promise<Sample> {
    const [program, ...args] = this.lab.sshArgv(command);
    return time([program, ...sshOptions.flatMap((option) => ['-o', option]), ...args], options);
  }

  async stop(): Promise<void> {
    this.states.stop();
    rmSync(this.directory, { recursive: true, force: true });
    await this.lab.down();
  }

  /** Runs a script of sh on the host. */
  script(text: string): Promise<Sample> {
    return this.ssh(['sh', '-u'], { input: `${text}\n` });
  }

  /** A stack of the given services. */
  synthesize(name: string, build: (host: Host) => void): Synthesized {
    const outdir = join(this.directory, name);
    const app = new App({ outdir });
    build(new Host(new TerraformStack(app, name), 'host', { address: this.address, settleTime: '0s' }));
    app.synth();
    return { terraform: join(outdir, 'stacks', name), bundle: join(outdir, 'bundle', name) };
  }

  private services(count: number, { setting = '0', sandboxed, sshOptions = [] }: StackOptions): Synthesized {
    const id = String(this.stacks.size);
    const outdir = join(this.directory, id);
    const app = new App({ outdir });
    const stack = new TerraformStack(app, STACK);
    new HttpBackend(stack, { address: this.stateUrl(`services-${id}`) });
    const host = new Host(stack, 'host', { address: this.address, sshOptions, settleTime: '0s' });
    for (let index = 0; index < count; index++) {
      new SystemdService(host, `s${index}`, {
        command: ['/usr/bin/sleep', 'infinity'],
        environment: { INDEX: String(index), SETTING: index === 0 ? setting : '0' },
        memory: '64M',
        // systemd loads a program into the kernel for it at each start, which takes longer than all the rest.
        ...(sandboxed ? {} : { directives: { Service: { SocketBindDeny: reset([]) } } }),
      });
    }
    app.synth();
    return { terraform: join(outdir, 'stacks', STACK), bundle: join(outdir, 'bundle', STACK) };
  }
}
