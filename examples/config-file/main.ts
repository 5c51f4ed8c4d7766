// Files that a service reads. When the content of a file changes, the service restarts.
//   npx tsx examples/config-file/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/config-file
import { join } from 'node:path';
import { ConfigFile, Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'config-file');
const host = new Host(stack, 'host', { address: 'lab' });

const config = new ConfigFile(host, 'greeter-config', {
  path: '/etc/greeter/httpd.conf',
  source: join(__dirname, 'httpd.conf'),
});
const page = new ConfigFile(host, 'greeter-page', {
  path: '/etc/greeter/index.html',
  content: '<h1>Good morning</h1>\n',
});

new SystemdService(host, 'greeter', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '3200', '-c', config.path, '-h', '/etc/greeter'],
  volumes: [
    { source: config, target: config.path },
    { source: page, target: page.path },
  ],
  ports: [3200],
});

app.synth();
