import { writeFileSync } from 'node:fs';
import { servePlugin } from '../../lib/provider/handshake';

// A plugin without resources, for the tests of the process around it.
void servePlugin({
  load: async () => {
    console.log('while loading');
    if (process.env.TEST_LOAD === 'fails') throw new Error('loading went wrong');
    return {
      resources: {},
      async close() {
        writeFileSync(process.env.TEST_CLOSED ?? '', 'closed');
      },
    };
  },
});
