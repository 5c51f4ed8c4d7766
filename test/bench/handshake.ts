import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../lib/provider/certificate';

const PROVIDER = join(__dirname, '../../dist/provider/terraform-provider-bulkhead.cjs');
const ROUNDS = 25;

/**
 * Median milliseconds from starting the built provider to its handshake, and from starting `node -e 0` to its end. The
 * two take turns, so that a busy machine slows both.
 */
export async function handshake(): Promise<{ ours: number; floor: number }> {
  if (!existsSync(PROVIDER))
    throw new Error(`Cannot measure "${PROVIDER}": it is not there, expected npm run build first`);
  // For the sockets: the provider is killed and leaves its own behind.
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  const env = {
    ...process.env,
    TMPDIR: directory,
    TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
    PLUGIN_PROTOCOL_VERSIONS: '6',
    PLUGIN_CLIENT_CERT: selfSignedCertificate().cert,
  };
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timeOf([PROVIDER], env));
    floor.push(await timeOf(['-e', '0'], env));
  }
  rmSync(directory, { recursive: true });
  return { ours: median(ours), floor: median(floor) };
}

/** Milliseconds until a node process says something on stdout or ends. */
function timeOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let elapsed: number | undefined;
    child.once('error', reject);
    child.stdout.once('data', () => {
      elapsed = performance.now() - start;
      child.kill('SIGKILL');
    });
    child.once('exit', () => {
      elapsed ??= performance.now() - start;
    });
    child.once('close', () => resolve(elapsed ?? Number.NaN));
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
