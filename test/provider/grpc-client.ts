import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Reply {
  readonly status: string;
  readonly message: string;
  readonly body: Buffer;
}

/** Connects to a socket; with options by TLS. */
export function grpcClient(socket: string, tls?: SecureClientSessionOptions): ClientHttp2Session {
  const session = connect(tls ? 'https://localhost' : 'http://localhost', {
    createConnection: () =>
      tls ? connectTls({ path: socket, ALPNProtocols: ['h2'], ...tls }) : createConnection(socket),
  });
  // It shows in the calls.
  session.on('error', () => undefined);
  return session;
}

/** A message as gRPC frames it. */
export function frame(payload: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0);
  prefix.writeUInt32BE(payload.length, 1);
  return Buffer.concat([prefix, payload]);
}

/** Calls a method with these bytes as body. Rejects when the server hangs up without a status. */
export function call(session: ClientHttp2Session, path: string, body: Uint8Array): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    const headers: Record<string, string> = {};
    stream.on('response', (sent) => Object.assign(headers, sent));
    stream.on('trailers', (sent) => Object.assign(headers, sent));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('close', () => {
      const status = headers['grpc-status'];
      if (status === undefined) return reject(new Error('The server hung up'));
      resolve({ status, message: decodeURIComponent(headers['grpc-message'] ?? ''), body: Buffer.concat(chunks) });
    });
    stream.on('error', reject);
    stream.end(body);
  });
}
