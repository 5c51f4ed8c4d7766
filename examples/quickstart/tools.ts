import { join } from 'node:path';
import { root, run, tryQuietly } from './shell';

const STACK = 'quickstart';
const CDKTF = 'cdktf-cli@0.21.0';

/** What deploys the stack. Either finds what the other one made, and both leave the host the same. */
export interface Tool {
  readonly deploy: () => Promise<unknown>;
  /** Returns whether there is anything to do. */
  readonly plan: () => Promise<boolean>;
  readonly repair: () => Promise<unknown>;
}

export const cli = join(root, 'dist', 'cli', 'main.js');

export function bulkhead(...args: readonly string[]): readonly string[] {
  return [process.execPath, cli, ...args];
}

/** By Bulkhead alone. */
export const helper: Tool = {
  deploy: () => run(`bulkhead apply --auto-approve ${STACK}`, bulkhead('apply', '--auto-approve', STACK)),
  plan: async () => {
    const argv = bulkhead('plan', '--detailed-exitcode', STACK);
    return (await run(`bulkhead plan ${STACK}`, argv, { expect: [0, 2] })) === 2;
  },
  repair: () => run(`bulkhead apply --auto-approve ${STACK}`, bulkhead('apply', '--auto-approve', STACK)),
};

/** By cdktf and Terraform, as any cdktf stack. */
export const terraform: Tool = {
  deploy: () =>
    run(`npx ${CDKTF} deploy --auto-approve ${STACK}`, ['npx', '--yes', CDKTF, 'deploy', '--auto-approve', STACK], {
      show: whatWasDone,
    }),
  plan: async () => {
    const argv = inStack('plan', '-detailed-exitcode', '-input=false');
    return (await run(argv.join(' '), argv, { expect: [0, 2], show: planItself() })) === 2;
  },
  repair: () => {
    const argv = inStack('apply', '-auto-approve', '-input=false');
    return run(argv.join(' '), argv, { show: whatWasDone });
  },
};

/** Why it can't be done by Terraform here, if so. Brings the CLI of cdktf to this machine on the way. */
export async function terraformIsMissing(): Promise<string | undefined> {
  if ((await tryQuietly(['terraform', 'version'])) === undefined) return 'terraform is not installed';
  if ((await tryQuietly(['npx', '--yes', CDKTF, '--version'])) === undefined) return `npx can't get ${CDKTF}`;
  return undefined;
}

function inStack(...args: readonly string[]): string[] {
  return ['terraform', `-chdir=cdktf.out/stacks/${STACK}`, ...args];
}

const whatWasDone = (line: string) => /complete after|Apply complete/.test(line);

/** Terraform's plan without its preface and its advice. */
function planItself(): (line: string) => boolean {
  let inside = false;
  return (line) => {
    if (/^(Terraform will perform|No changes\.)/.test(line)) inside = true;
    const shown = inside;
    if (/^(Plan:|No changes\.)/.test(line)) inside = false;
    return shown && !/hidden\)$/.test(line);
  };
}
