import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemdService } from 'bulkhead';
import { host, textOf } from '../testing';

const README = join(__dirname, '../../../examples/systemd-service/README.md');

test('the table of the sandbox has each default of a service, as it is written', () => {
  const rows = [...readFileSync(README, 'utf8').matchAll(/^\| `(\w+=[^`]*)` \|/gm)].map(([, row]) => row);
  const service = new SystemdService(host(), 'web', { command: ['/usr/bin/web'], stateDirectory: 'web' });
  const text = textOf(service, '/etc/systemd/system/web.service');
  const [, lines = ''] = /\n\[Service\]\n([^[]*)/.exec(text) ?? [];
  const others = ['Type=exec', 'ExecStart=/usr/bin/web', 'StateDirectory=web', 'Restart=on-failure', 'RestartSec=2'];
  const defaults = lines.split('\n').filter((line) => line !== '' && !others.includes(line));
  expect([...rows].sort()).toEqual(defaults.sort());
});
