// Two programs that run only when somebody connects: one starts per connection, the other serves all connections.
//   npx tsx examples/systemd-socket/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-socket
import { Host, SystemdSocket } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-socket');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdSocket(host, 'echo', {
  ports: ['127.0.0.1:3300:3300'],
  accept: true,
  command: ['/usr/bin/cat'],
  directives: { Socket: { MaxConnections: 16 } },
});

new SystemdSocket(host, 'forward', {
  paths: ['/run/forward.sock'],
  command: ['/usr/lib/systemd/systemd-socket-proxyd', '127.0.0.1:3300'],
});

app.synth();
