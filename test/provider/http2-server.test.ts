import { mkdtempSync, rmSync } from 'node:fs';
import type { ClientHttp2Session, SecureClientSessionOptions } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../lib/provider/certificate';
import { type Call, createGrpcServer, type GrpcServer, type Routes, serveCalls } from '../../lib/provider/http2-server';
import { call, frame, grpcClient } from './grpc-client';

const echo: Call = async (request) => request;
const broken: Call = async () => {
  throw new Error('50 % broken\nand ä');
};
const routes: Routes = new Map([
  ['/test.Test/Echo', echo],
  ['/test.Test/Broken', broken],
]);

let directory: string;
let server: GrpcServer;
const clients: ClientHttp2Session[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

async function start(options: { tls?: Parameters<typeof createGrpcServer>[0]; routes?: Promise<Routes> } = {}) {
  server = createGrpcServer(options.tls);
  serveCalls(server, options.routes ?? Promise.resolve(routes));
  const socket = join(directory, 's');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return socket;
}

function client(socket: string, tls?: SecureClientSessionOptions): ClientHttp2Session {
  const session = grpcClient(socket, tls);
  clients.push(session);
  return session;
}

describe('gRPC server', () => {
  test('answers a call with its message and status 0', async () => {
    const session = client(await start());
    const payload = Buffer.from('hello');
    expect(await call(session, '/test.Test/Echo', frame(payload))).toEqual({
      status: '0',
      message: '',
      body: frame(payload),
    });
  });

  test('answers an empty message, and many calls at a time', async () => {
    const session = client(await start());
    const payloads = Array.from({ length: 100 }, (_, i) => Buffer.alloc(i, i));
    const replies = await Promise.all(payloads.map((payload) => call(session, '/test.Test/Echo', frame(payload))));
    expect(replies.map((reply) => reply.body)).toEqual(payloads.map((payload) => frame(payload)));
  });

  test('takes and gives messages that are far larger than any window', async () => {
    const session = client(await start());
    const payload = Buffer.alloc(40 << 20, 7);
    const reply = await call(session, '/test.Test/Echo', frame(payload));
    expect(reply.status).toBe('0');
    expect(reply.body.equals(frame(payload))).toBe(true);
  });

  test('lets calls wait that come before the routes do', async () => {
    let ready: (routes: Routes) => void = () => undefined;
    const session = client(await start({ routes: new Promise((resolve) => (ready = resolve)) }));
    const reply = call(session, '/test.Test/Echo', frame(Buffer.from('early')));
    session.ping(() => ready(routes));
    expect((await reply).status).toBe('0');
  });

  test('says of other methods that they are not implemented', async () => {
    const reply = await call(client(await start()), '/plugin.GRPCStdio/StreamStdio', frame(Buffer.alloc(0)));
    expect(reply.status).toBe('12');
    expect(reply.message).toBe('/plugin.GRPCStdio/StreamStdio is not implemented');
  });

  test('turns an exception into an internal error, whatever its text', async () => {
    const reply = await call(client(await start()), '/test.Test/Broken', frame(Buffer.alloc(0)));
    expect(reply.status).toBe('13');
    expect(reply.message).toBe('Error: 50 % broken\nand ä');
  });

  test.each([
    ['compressed', frame(Buffer.from('x'), true)],
    ['cut off', frame(Buffer.from('xyz')).subarray(0, -1)],
    ['missing', Buffer.alloc(0)],
  ])('refuses a message that is %s', async (_what, body) => {
    const reply = await call(client(await start()), '/test.Test/Echo', body);
    expect(reply.status).toBe('13');
    expect(reply.message).toMatch('expected one uncompressed message');
  });

  test('lives on when a client hangs up in the middle of a call', async () => {
    const socket = await start();
    const impatient = client(socket);
    const stream = impatient.request({ ':method': 'POST', ':path': '/test.Test/Echo' });
    stream.on('error', () => undefined);
    stream.write(frame(Buffer.alloc(100)).subarray(0, 50));
    await new Promise((resolve) => impatient.ping(resolve));
    impatient.destroy();
    expect((await call(client(socket), '/test.Test/Echo', frame(Buffer.from('next')))).status).toBe('0');
  });

  test('with TLS knows its one client by the certificate, and no other', async () => {
    const [ours, theirs, stranger] = [selfSignedCertificate(), selfSignedCertificate(), selfSignedCertificate()];
    const socket = await start({ tls: { ...ours, clientCert: theirs.cert } });
    const as = ({ cert, key }: { cert: string; key: string }) =>
      call(client(socket, { ca: ours.cert, cert, key }), '/test.Test/Echo', frame(Buffer.from('secret')));
    expect((await as(theirs)).status).toBe('0');
    await expect(as(stranger)).rejects.toThrow();
    const anonymous = client(socket, { ca: ours.cert });
    await expect(call(anonymous, '/test.Test/Echo', frame(Buffer.from('secret')))).rejects.toThrow();
  });
});
