// A program that runs as long as there are files in a directory.
//   npx tsx examples/systemd-path/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-path
import { Host, SystemdPath } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-path');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdPath(host, 'inbox', {
  directoryNotEmpty: '/var/lib/inbox/new',
  command: ['/usr/bin/find', '/var/lib/inbox/new', '-type', 'f', '-print', '-delete'],
  user: 'root',
  stateDirectory: 'inbox',
});

app.synth();
