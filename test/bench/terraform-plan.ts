import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from './fleet';
import { interleave, type Measurement, type Sample, time } from './measure';

/**
 * `terraform plan` of so many services that run as they should, and of as many `terraform_data` that hold the same
 * values: what Terraform takes for it with no host and no provider process.
 */
export async function terraformPlan(
  fleet: Fleet,
  count: number,
  rounds: number,
  sshOptions: readonly string[] = [],
): Promise<Measurement> {
  await fleet.resize(count);
  const ours = fleet.stack(count, { sshOptions }).terraform;
  const floor = join(fleet.directory, `data-${count}-${sshOptions.length}`);
  mkdirSync(floor, { recursive: true });
  const address = fleet.stateUrl(`data-${count}`);
  writeFileSync(join(floor, 'main.tf.json'), JSON.stringify(dataResources(ours, address)));
  for (const directory of [ours, floor]) {
    await terraform(directory, 'init');
    await terraform(directory, 'apply', '-auto-approve', '-parallelism=100');
  }
  // With this option a plan that is not empty has another exit code, which is an error here.
  const plan = (directory: string) => () => terraform(directory, 'plan', '-detailed-exitcode');
  return interleave(rounds, plan(ours), plan(floor));
}

function dataResources(stack: string, address: string): object {
  const { resource } = JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as {
    resource: { bulkhead_service: Readonly<Record<string, object>> };
  };
  const services = Object.entries(resource.bulkhead_service);
  const inputs = services.map(([name, { '//': _, ...input }]: [string, { '//'?: unknown }]) => [name, { input }]);
  return {
    terraform: { backend: { http: { address } } },
    resource: { terraform_data: Object.fromEntries(inputs) },
  };
}

function terraform(cwd: string, command: string, ...options: readonly string[]): Promise<Sample> {
  // An empty CLI configuration, so that the one of this machine has no say.
  const env = { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' };
  return time(['terraform', command, '-input=false', '-no-color', ...options], { cwd, env });
}
