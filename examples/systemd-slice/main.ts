// Services that share limits. Together they can't exceed a limit of the slice.
//   npx tsx examples/systemd-slice/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-slice
import { Host, SystemdService, SystemdSlice } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-slice');
const host = new Host(stack, 'host', { address: 'lab' });

const batch = new SystemdSlice(host, 'batch', { memory: '256M', cpu: 0.5, tasks: 32 });

for (const id of ['resize', 'index'])
  new SystemdService(host, id, { command: ['/usr/bin/sleep', 'infinity'], slice: batch });

app.synth();
