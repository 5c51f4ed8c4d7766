// A program of the host in a strict sandbox. Its props open one port and one directory to write to.
//   npx tsx examples/systemd-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-service
import { Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-service');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdService(host, 'files', {
  description: 'Serves the files in /var/lib/files',
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '3100', '-h', '/var/lib/files'],
  stateDirectory: 'files',
  ports: [3100],
  memory: '64M',
  cpu: 0.5,
  tasks: 16,
  restart: 'always',
  directives: { Service: { RestartSec: '5s', IPAddressDeny: 'any', IPAddressAllow: ['localhost', '10.0.0.0/8'] } },
});

app.synth();
