import { servePlugin } from './handshake';

void servePlugin(async () => (await import('./service.js')).bulkheadProvider());
