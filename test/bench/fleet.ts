import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, reset, SystemdService } from 'bulkhead';
import { App, HttpBackend, TerraformStack } from 'cdktf';
import { Lab } from '../../lib/lab';
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

/** Services on a practice host that only the benchmarks use. */
export class Fleet {
  /** Boots the practice host. */
  static async start(progress: (message: string) => void): Promise<Fleet> {
    if (!existsSync(CLI)) throw new Error(`Cannot measure "${CLI}": it is not there, expected npm run build first`);
    const lab = new Lab({ name: LAB });
    // One that was left by a run that was killed has services.
    await lab.down();
    await lab.up(progress);
    return new Fleet(lab, await StateServer.start(), progress);
  }

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

  /** A stack of so many services. The first of them has a setting, so that stacks can differ in one service. */
  stack(count: number, setting = '0'): Synthesized {
    const key = `${count}-${setting}`;
    const stack = this.stacks.get(key) ?? this.synthesize(count, setting, join(this.directory, key));
    this.stacks.set(key, stack);
    return stack;
  }

  /** Where Terraform may keep a state, on this machine. */
  stateUrl(name: string): string {
    return this.states.url(name);
  }

  plan({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'plan', '--detailed-exitcode', '--bundle', bundle]);
  }

  apply({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'apply', '--auto-approve', '--bundle', bundle]);
  }

  destroy({ bundle }: Synthesized): Promise<Sample> {
    return timeNode([CLI, 'destroy', '--auto-approve', '--bundle', bundle]);
  }

  /** Runs a command on the host through a connection of its own. */
  ssh(command: readonly string[], options: RunOptions = {}): Promise<Sample> {
    return time(this.lab.sshArgv(command), options);
  }

  async stop(): Promise<void> {
    this.states.stop();
    rmSync(this.directory, { recursive: true, force: true });
    await this.lab.down();
  }

  private synthesize(count: number, setting: string, outdir: string): Synthesized {
    const app = new App({ outdir });
    const stack = new TerraformStack(app, STACK);
    new HttpBackend(stack, { address: this.stateUrl(`services-${count}`) });
    const host = new Host(stack, 'host', { address: `lab:${LAB}` });
    for (let index = 0; index < count; index++) {
      new SystemdService(host, `s${index}`, {
        command: ['/usr/bin/sleep', 'infinity'],
        environment: { INDEX: String(index), SETTING: index === 0 ? setting : '0' },
        memory: '64M',
        // systemd loads a program into the kernel for it at each start, which takes longer than all the rest.
        directives: { Service: { SocketBindDeny: reset([]) } },
      });
    }
    app.synth();
    return { terraform: join(outdir, 'stacks', STACK), bundle: join(outdir, 'bundle', STACK) };
  }
}
