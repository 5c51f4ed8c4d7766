// A program that runs when something is put into a directory, for as long as there is something in it.
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
