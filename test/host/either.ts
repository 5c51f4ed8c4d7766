import type { HostProps } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { ADDRESS } from './host';
import { type Build, Stack } from './stack';

export const RENDERINGS = ['bulkhead apply', 'terraform apply'] as const;
export type Rendering = (typeof RENDERINGS)[number];

/** A stack that is applied by one of the two renderings. */
export class EitherStack {
  private readonly stack: Stack;

  constructor(
    name: string,
    private readonly rendering: Rendering,
    // As long as users have it.
    host: Partial<HostProps> = {},
  ) {
    this.stack = new Stack(name, { address: ADDRESS, ...host });
  }

  /** All that lies on this machine of it: what it is synthesized to, and Terraform's state. */
  get directory(): string {
    return this.stack.outdir;
  }

  /** Synthesizes and applies it, and says how that went. */
  async deploy(build: Build): Promise<{ readonly exitCode: number; readonly output: string }> {
    if (this.rendering === 'bulkhead apply') {
      this.stack.synth(build);
      return this.command('apply', '--auto-approve');
    }
    await this.stack.prepare(build);
    const { exitCode, output } = await this.stack.terraform.run(['apply', '-no-color', '-auto-approve']);
    return { exitCode: exitCode ?? -1, output: unwrapped(output) };
  }

  /** What a plan says; empty when there is nothing to do. */
  async differences(): Promise<string> {
    if (this.rendering === 'terraform apply') return this.stack.plan();
    const { exitCode, output } = await this.command('plan', '--detailed-exitcode');
    return exitCode === 0 ? '' : output;
  }

  async destroy(): Promise<void> {
    if (this.rendering === 'terraform apply') await this.stack.destroy();
    else await this.command('destroy', '--auto-approve');
    this.stack.cleanUp();
  }

  /** All that can be said of a plan: in JSON, in Markdown, and of Terraform with its log. */
  async document(): Promise<string> {
    if (this.rendering === 'bulkhead apply') {
      const said = [await this.command('plan', '--json'), await this.command('diff', '--markdown')];
      return said.map(({ output }) => output).join('\n');
    }
    const { terraform } = this.stack;
    const { output } = await terraform.run(['plan', '-out=kept.tfplan'], { TF_LOG: 'TRACE' });
    return output + (await terraform.succeed(['show', '-json', 'kept.tfplan']));
  }

  /** Runs a command about its bundle. */
  async command(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
    const { stdout, stderr, code } = await bulkhead([...args, '--trust-secrets', '--bundle', this.stack.bundle]);
    return { exitCode: code ?? -1, output: stdout + stderr };
  }
}

// Terraform breaks long lines, and draws a line beside what it says of an error.
function unwrapped(output: string): string {
  return output.replace(/\n[│ ]+(?=\S)/g, ' ');
}
