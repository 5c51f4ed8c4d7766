import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, type HostProps } from 'bulkhead';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { Lab } from '../../lib/lab';
import { describeWithTerraform, Workspace } from '../terraform/terraform';
import { ADDRESS, describeHost, LAB_NAME, skipReason } from './host';

/** Tests that need the practice host and a real Terraform. Where one is missing they are skipped, and say so. */
export const describeTerraformOnHost = skipReason ? describeHost : describeWithTerraform;

export const practiceHost = new Lab({ name: LAB_NAME });

/** What a test puts on a host. */
export type Build = (host: Host, stack: TerraformStack) => void;

/** A stack as it is synthesized: a directory for Terraform, and a bundle for `bulkhead apply`. */
export class Stack {
  /** Where it is synthesized to, and where Terraform keeps its state. */
  readonly outdir = mkdtempSync(join(tmpdir(), 'bulkhead-stack-'));
  /** Terraform in the directory of the stack. */
  readonly terraform: Workspace;
  readonly bundle: string;

  constructor(
    private readonly name: string,
    private readonly host: HostProps = { address: ADDRESS, settleTime: '1s' },
    env: NodeJS.ProcessEnv = {},
  ) {
    this.terraform = new Workspace(join(this.outdir, 'stacks', name), env);
    this.bundle = join(this.outdir, 'bundle', name);
  }

  /** Synthesizes it, as often as it changes. */
  synth(build: Build): void {
    const app = new App({ outdir: this.outdir });
    const stack = new TerraformStack(app, this.name);
    new LocalBackend(stack, { path: 'terraform.tfstate' });
    build(new Host(stack, 'host', this.host), stack);
    app.synth();
  }

  /** Synthesizes it for Terraform, which is initialized the first time. */
  async prepare(build: Build): Promise<void> {
    this.synth(build);
    if (!this.terraform.exists('.terraform')) await this.terraform.succeed(['init']);
  }

  /** Addresses of its services in Terraform. */
  addresses(): string[] {
    const { resource } = JSON.parse(this.terraform.read('cdk.tf.json'));
    return Object.keys(resource.bulkhead_service).map((name) => `bulkhead_service.${name}`);
  }

  /** Synthesizes it and applies it with Terraform, which must succeed. */
  async apply(build: Build, ...args: readonly string[]): Promise<string> {
    await this.prepare(build);
    return this.terraform.succeed(['apply', '-no-color', '-auto-approve', ...args]);
  }

  /** What Terraform plans to do, in its words; empty when there is nothing to do. */
  async plan(): Promise<string> {
    const { exitCode, output } = await this.terraform.run(['plan', '-no-color', '-detailed-exitcode']);
    if (exitCode !== 0 && exitCode !== 2) throw new Error(output);
    return exitCode === 0 ? '' : output;
  }

  /** Destroys what Terraform knows of. */
  destroy(): Promise<string> {
    return this.terraform.succeed(['destroy', '-auto-approve']);
  }

  cleanUp(): void {
    this.terraform.remove();
    rmSync(this.outdir, { recursive: true });
  }
}
