import { servePlugin } from './handshake';

/** The result of `schemaBytes`, in base64. lib/build.mjs inserts it. */
declare const PROVIDER_SCHEMA: string;

void servePlugin({
  load: async () => (await import('./provider.js')).bulkheadProvider(),
  schema: Buffer.from(PROVIDER_SCHEMA, 'base64'),
});
