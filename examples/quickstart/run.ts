// npm run quickstart: from nothing to three services, and through one repair.
import { existsSync } from 'node:fs';
import { heading, run, say, tryQuietly } from './shell';
import { bulkhead, cli, helper, terraform, terraformIsMissing } from './tools';

const PORTS = { web: 8080, api: 3000, db: 8081 };

async function main(): Promise<void> {
  const started = performance.now();
  const why = unusable();
  if (why) throw new Error(why);

  heading('A practice host: Debian with systemd, podman and nspawn, booted on this machine');
  const missing = terraformIsMissing();
  await run('bulkhead lab up', bulkhead('lab', 'up'));
  const address = await labAddress();

  heading('Deploy examples/quickstart/main.ts: web (podman) asks api (systemd), api asks db (nspawn)');
  const reason = await waitingFor('npx fetches the CLI of cdktf', missing);
  if (reason) say(`By the bulkhead command, because ${reason}. It leaves the host as Terraform would.`);
  const tool = reason ? helper : terraform;
  await tool.deploy();
  await showServices(address);

  heading('A second plan is empty');
  if (await tool.plan()) throw new Error('The second plan is not empty');

  heading('Break something behind its back');
  const damage = 'sed -i s/:80$/:81/ /etc/containers/systemd/web.container; systemctl stop api';
  await run(`bulkhead lab ssh "${damage}"`, bulkhead('lab', 'ssh', damage));

  heading('The plan finds it');
  if (!(await tool.plan())) throw new Error('The plan does not find what was broken');

  heading('Repair it');
  await tool.repair();
  await showServices(address);

  say('', `All of it took ${((performance.now() - started) / 1000).toFixed(0)} s.`, ...next(reason !== undefined));
}

function unusable(): string | undefined {
  if (process.platform !== 'linux')
    return 'Cannot start the practice host: this is not Linux, expected a Linux machine; a virtual one will do';
  if (!existsSync(cli)) return 'Cannot run the bulkhead command: it is not built, run "npm run build" first';
  if (process.getuid?.() !== 0)
    return 'Cannot start the practice host: not running as root, expected "sudo npm run quickstart"; it makes network links and cgroups of its own, and "bulkhead lab down" removes them';
  return undefined;
}

/** Says what takes long, unless it is done already. */
async function waitingFor<T>(what: string, promise: Promise<T>): Promise<T> {
  const pending = Symbol();
  if ((await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 500, pending))])) === pending)
    say(`  ${what} ...`);
  return promise;
}

async function labAddress(): Promise<string> {
  const status = JSON.parse((await tryQuietly(bulkhead('lab', 'status', '--name', 'default', '--json'))) ?? '{}');
  if (typeof status.info?.address !== 'string') throw new Error('Cannot find the address of the practice host');
  return status.info.address;
}

/** Fetches all three from outside, as a browser would. */
async function showServices(address: string): Promise<void> {
  for (const [name, port] of Object.entries(PORTS)) {
    const url = `http://${address}:${port}/`;
    const answer = await fetchPatiently(url);
    if (!answer.includes('3 oranges')) throw new Error(`Cannot use ${name}: ${url} answered "${answer}"`);
    say(`  ${url}  ${answer.trim().split('\n').join(' ')}`);
  }
}

/** A program that was just started may need a moment until it listens. */
async function fetchPatiently(url: string): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      return await response.text();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Cannot fetch ${url}: ${reasonOf(error)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** fetch() itself says no more than that it failed. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function next(byHelper: boolean): string[] {
  return [
    '',
    'What to try next, here in the repository:',
    "  alias bulkhead='node dist/cli/main.js'",
    '  bulkhead status                  how the services are',
    '  bulkhead plan                    after you changed something in examples/quickstart/main.ts',
    '  bulkhead lab ssh                 look around on the host: systemctl status web, machinectl, podman ps',
    `  ls cdktf.out/bundle/quickstart   the native files; cdktf.out/stacks/quickstart is for Terraform`,
    `  ${byHelper ? 'bulkhead destroy                ' : 'npx cdktf-cli@0.21.0 destroy    '} remove the services`,
    '  bulkhead lab down                remove the practice host',
  ];
}

main().catch((error: Error) => {
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
});
