import { servePlugin } from './handshake';

/** What `schemaBytes` returns, in base64. lib/build.mjs puts it into the bundle. */
declare const PROVIDER_SCHEMA: string;

void servePlugin({
  load: async () => (await import('./provider.js')).bulkheadProvider(),
  schema: Buffer.from(PROVIDER_SCHEMA, 'base64'),
});
