import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, type HostProps } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { type ApplyResult, apply, observe, planServices, type ServicePlan } from '../../lib/engine';
import { Lab } from '../../lib/lab';
import type { Manifest } from '../../lib/manifest';
import { readBundle } from '../../lib/rendering/read-bundle';
import { ADDRESS, host } from './host';

/** A stack synthesized for the practice host, and what the apply helper would do with it. */
export class Deployment {
  readonly manifests: readonly Manifest[];
  private readonly outdir = mkdtempSync(join(tmpdir(), 'bulkhead-synth-'));

  constructor(
    private readonly stack: string,
    build: (host: Host) => void,
    props: Partial<HostProps> = {},
  ) {
    const app = new App({ outdir: this.outdir });
    build(new Host(new TerraformStack(app, stack), 'host', { address: ADDRESS, settleTime: '1s', ...props }));
    app.synth();
    this.manifests = readBundle(this.directory).hosts.flatMap(({ manifests }) => manifests);
  }

  get directory(): string {
    return join(this.outdir, 'bundle', this.stack);
  }

  /** Where the asset of that digest lies. */
  readonly asset = (sha256: string): string => join(this.directory, 'assets', sha256);

  async plan(): Promise<ServicePlan[]> {
    const state = await observe(host(), { services: [], manifests: this.manifests });
    return planServices(state, this.manifests);
  }

  /** What a plan says in words, one line a step; none when the host matches. */
  async differences(): Promise<string[]> {
    return (await this.plan()).flatMap(({ steps }) =>
      steps.map(({ verb, key, reason }) => `${verb} ${key}: ${reason}`),
    );
  }

  /** Applies it all, or some of its services. @throws the first error */
  async apply(names?: readonly string[]): Promise<void> {
    const manifests = this.manifests.filter(({ name }) => !names || names.includes(name));
    throwFirst(await apply(host(), { manifests, remove: [] }, this.options));
  }

  async destroy(): Promise<void> {
    await this.remove(this.manifests.map(({ name }) => name));
  }

  /** Removes some of its services. @throws the first error */
  async remove(names: readonly string[]): Promise<void> {
    throwFirst(await apply(host(), { manifests: [], remove: names }, this.options));
  }

  cleanUp(): void {
    rmSync(this.outdir, { recursive: true, force: true });
  }

  private readonly options = { asset: this.asset };
}

function throwFirst(result: ApplyResult): void {
  for (const error of result.values()) if (error) throw error;
}

/** Archives of the image that the practice host brings: BusyBox, serving a page on port 80. */
export const images = () => Lab.images();
