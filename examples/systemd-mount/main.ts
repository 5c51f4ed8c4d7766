// A file system in memory, and a service that writes to it.
//   npx tsx examples/systemd-mount/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-mount
import { Host, SystemdMount, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-mount');
const host = new Host(stack, 'host', { address: 'lab' });

const scratch = new SystemdMount(host, 'scratch', {
  what: 'tmpfs',
  where: '/run/scratch',
  type: 'tmpfs',
  options: ['size=16M', 'mode=1777'],
});

new SystemdService(host, 'writer', {
  command: ['/bin/sh', '-c', 'date > "$0"; exec sleep infinity', '/data/started'],
  volumes: [{ source: scratch.where, target: '/data' }],
  dependsOn: [scratch],
});

app.synth();
