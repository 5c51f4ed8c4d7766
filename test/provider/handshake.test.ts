import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { selfSignedCertificate } from '../../lib/provider/certificate';
import { call, frame, grpcClient } from './grpc-client';

const SHUTDOWN = '/plugin.GRPCController/Shutdown';
const STOP = '/tfplugin6.Provider/StopProvider';
const client = selfSignedCertificate();

let directory: string;
let plugin: string;
const children: ChildProcess[] = [];
const sessions: ClientHttp2Session[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bulkhead-handshake-'));
  plugin = join(directory, 'plugin.cjs');
  const entryPoints = [join(__dirname, 'plugin.ts')];
  buildSync({ entryPoints, outfile: plugin, bundle: true, platform: 'node', target: 'node20', format: 'cjs' });
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const { pid } of children.splice(0)) killGroup(pid);
  rmSync(join(directory, 'closed'), { force: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

const terraform = {
  TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
  PLUGIN_PROTOCOL_VERSIONS: '5,6',
  PLUGIN_CLIENT_CERT: client.cert,
};

/** Kills a process and those that it started, as far as they are still there. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody left.
  }
}

/** Starts the plugin; `parent` puts a shell in between. */
function start(env: NodeJS.ProcessEnv, { parent = false } = {}) {
  const [command, ...args] = parent
    ? ['sh', '-c', '"$0" "$@" & wait', process.execPath, plugin]
    : [process.execPath, plugin];
  const child = spawn(String(command), args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TMPDIR: directory, TEST_CLOSED: join(directory, 'closed'), ...env },
  });
  children.push(child);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (said.stdout += chunk));
  child.stderr?.on('data', (chunk) => (said.stderr += chunk));
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, ...said }));
  });
  return { child, said, ended };
}

/** Starts the plugin, waits for its handshake and connects to it. */
async function connected(env: NodeJS.ProcessEnv = {}, options = {}) {
  const started = start({ ...terraform, ...env }, options);
  const line = await new Promise<string>((resolve) =>
    started.child.stdout?.once('data', (data) => resolve(String(data))),
  );
  const [core, protocol, network, socket = '', transport, certificate = ''] = line.trimEnd().split('|');
  const ca = certificate && new X509Certificate(Buffer.from(certificate, 'base64')).toString();
  const session = grpcClient(socket, ca ? { ca, cert: client.cert, key: client.key } : undefined);
  sessions.push(session);
  const rpc = (path: string) => call(session, path, frame(Buffer.alloc(0)));
  return { ...started, line, header: [core, protocol, network, transport], socket, certificate, rpc };
}

const closed = () => existsSync(join(directory, 'closed'));

describe('the plugin process', () => {
  test('introduces itself, serves, and ends without a trace when it is told to', async () => {
    const { header, socket, certificate, rpc, ended } = await connected();
    expect(header).toEqual(['1', '6', 'unix', 'grpc']);
    expect(dirname(dirname(socket))).toBe(directory);
    expect(certificate).toMatch(/^[A-Za-z0-9+/]+$/);
    expect((await rpc('/tfplugin6.Provider/GetMetadata')).status).toBe('0');
    expect(closed()).toBe(false);

    expect((await rpc(SHUTDOWN)).status).toBe('0');
    expect(closed()).toBe(true);
    expect((await ended).exitCode).toBe(0);
    expect(existsSync(dirname(socket))).toBe(false);
  });

  test('goes without TLS when Terraform has no certificate', async () => {
    const { line, rpc, ended } = await connected({ PLUGIN_CLIENT_CERT: undefined });
    expect(line).toMatch(/^1\|6\|unix\|[^|]+\|grpc\|\n$/);
    expect((await rpc(SHUTDOWN)).status).toBe('0');
    expect((await ended).exitCode).toBe(0);
  });

  test('has nothing but the handshake on stdout', async () => {
    const { line, rpc, ended } = await connected();
    await rpc(SHUTDOWN);
    const { stdout, stderr } = await ended;
    expect(stdout).toBe(line);
    expect(stderr).toBe('while loading\n');
  });

  test('started by hand says in one sentence what it is', async () => {
    const { exitCode, stdout, stderr } = await start({}).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^This is the Terraform provider of Bulkhead: .*\n$/);
  });

  test('says on stdout, where Terraform shows it, why it cannot run', async () => {
    const { exitCode, stdout } = await start({ ...terraform, PLUGIN_PROTOCOL_VERSIONS: '5' }).ended;
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^Cannot run the Bulkhead provider with this Terraform: .*\n$/);
  });

  test('leaves it to Terraform what Ctrl-C and other signals of the terminal mean', async () => {
    const { child, rpc, ended } = await connected();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    expect((await rpc(STOP)).status).toBe('0');
    expect(closed()).toBe(false);
    await rpc(SHUTDOWN);
    expect((await ended).exitCode).toBe(0);
    expect(closed()).toBe(true);
  });

  test('ends, and closes its connections, when who started it is gone', async () => {
    const { child, ended, socket } = await connected({}, { parent: true });
    child.kill('SIGKILL');
    // The plugin holds the other end of stdout.
    await ended;
    expect(closed()).toBe(true);
    expect(existsSync(dirname(socket))).toBe(false);
  });

  test('shows an exception that nobody catches the way Terraform looks for it', async () => {
    const { exitCode, stderr } = await start({ ...terraform, TEST_LOAD: 'fails' }).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^panic: Error: loading went wrong\n {4}at /m);
    expect(readdirSync(directory)).toEqual(['plugin.cjs']);
  });

  test('puts its socket where Terraform wants it', async () => {
    const wanted = join(directory, 'wanted');
    mkdirSync(wanted);
    const { socket, rpc, ended } = await connected({ PLUGIN_UNIX_SOCKET_DIR: wanted });
    expect(dirname(dirname(socket))).toBe(wanted);
    await rpc(SHUTDOWN);
    await ended;
    expect(readdirSync(wanted)).toEqual([]);
    rmSync(wanted, { recursive: true });
  });

  test('finds a place for its socket when the folder for temporary files has too long a name', async () => {
    const long = join(directory, 'l'.repeat(100));
    mkdirSync(long);
    const { socket, rpc, ended } = await connected({ TMPDIR: long });
    expect(dirname(dirname(socket))).toBe('/tmp');
    expect((await rpc(SHUTDOWN)).status).toBe('0');
    await ended;
    expect(existsSync(dirname(socket))).toBe(false);
    rmSync(long, { recursive: true });
  });
});
