import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Host, type HostProps } from 'bulkhead';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { Lab } from '../../lib/lab';
import { root } from '../cli/command';
import { Workspace } from '../terraform/terraform';
import { ADDRESS, lab } from './host';

/** What a test puts on a host. */
export type Build = (host: Host, stack: TerraformStack) => void;

/** A stack as it is synthesized: a directory for Terraform, and a bundle for `bulkhead apply`. */
export class Stack {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-stack-'));
  /** Terraform in the directory of the stack. */
  readonly terraform = new Workspace(join(this.directory, 'stacks', this.name));
  readonly bundle = join(this.directory, 'bundle', this.name);

  constructor(readonly name: string) {}

  /** Synthesizes it, as often as it changes. */
  synth(build: Build, host: HostProps = { address: ADDRESS }): void {
    const app = new App({ outdir: this.directory });
    const stack = new TerraformStack(app, this.name);
    new LocalBackend(stack, { path: 'terraform.tfstate' });
    build(new Host(stack, 'host', host), stack);
    app.synth();
  }

  /** Synthesizes it and applies it with Terraform, which must succeed. */
  async apply(build: Build): Promise<string> {
    this.synth(build);
    if (!this.terraform.exists('.terraform')) await this.terraform.succeed(['init']);
    return this.terraform.succeed(['apply', '-auto-approve']);
  }

  /** Exit code of a plan: 0 when there is nothing to do, 2 when there is. */
  async planned(): Promise<number | null> {
    const { exitCode, output } = await this.terraform.run(['plan', '-detailed-exitcode']);
    if (exitCode === 1) throw new Error(output);
    return exitCode;
  }

  /** Destroys what Terraform knows of, and removes the directory. */
  async end(): Promise<void> {
    if (this.terraform.exists('terraform.tfstate')) await this.terraform.succeed(['destroy', '-auto-approve']);
    this.terraform.remove();
    rmSync(this.directory, { recursive: true });
  }
}
