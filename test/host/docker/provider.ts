import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTerraformOnHost, Stack } from '../stack';

const VERSION = '>= 3.9, < 4';

/** The settings of this machine, which may say where Terraform finds the docker provider. */
const ENVIRONMENT = { TF_CLI_CONFIG_FILE: process.env.TF_CLI_CONFIG_FILE ?? '/dev/null' };

/** Why Terraform finds no docker provider here, if so. */
function absence(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-provider-'));
  const required = { docker: { source: 'kreuzwerker/docker', version: VERSION } };
  writeFileSync(join(directory, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }));
  try {
    const env = { ...process.env, ...ENVIRONMENT, CHECKPOINT_DISABLE: '1' };
    execFileSync('terraform', ['init'], { cwd: directory, env, stdio: 'pipe', timeout: 60_000 });
    return undefined;
  } catch {
    return `terraform init finds no kreuzwerker/docker ${VERSION}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Tests that need Terraform's docker provider. Where Terraform can't get it they are skipped, and say so. */
export function describeDockerProvider(name: string, tests: () => void): void {
  const reason = absence();
  if (reason) describe.skip(`${name} (skipped: ${reason})`, tests);
  else describeTerraformOnHost(name, tests);
}

/** A stack whose docker provider Terraform gets from where this machine says. */
export const stackWithDocker = (name: string) => new Stack(name, undefined, ENVIRONMENT);
