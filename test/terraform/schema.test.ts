import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../lib/provider/certificate';
import { pathOf } from '../../lib/provider/messages';
import { schemaBytes } from '../../lib/provider/schema-bytes';
import { call, frame, grpcClient } from '../provider/grpc-client';

const PROVIDER = join(__dirname, '../../dist/provider/terraform-provider-bulkhead.cjs');

test('the built provider answers with the schema that the sources describe', async () => {
  const { cert, key } = selfSignedCertificate();
  const provider = spawn(process.execPath, [PROVIDER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
      PLUGIN_PROTOCOL_VERSIONS: '6',
      PLUGIN_CLIENT_CERT: cert,
    },
  });
  const [line] = await once(provider.stdout, 'data');
  const [, , , socket = '', , certificate = ''] = String(line).trimEnd().split('|');
  const ca = new X509Certificate(Buffer.from(certificate, 'base64')).toString();
  const session = grpcClient(socket, { ca, cert, key });
  const answer = await call(session, pathOf('GetProviderSchema'), frame(Buffer.alloc(0)));
  expect(answer.body).toEqual(frame(Buffer.from(schemaBytes())));
  await call(session, '/plugin.GRPCController/Shutdown', frame(Buffer.alloc(0)));
  session.destroy();
  await once(provider, 'exit');
});
