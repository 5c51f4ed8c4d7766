// A directory of files that a service reads. When a file is added, changed or deleted, the service restarts.
//   npx tsx examples/config-directory/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/config-directory
import { join } from 'node:path';
import { ConfigDirectory, Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'config-directory');
const host = new Host(stack, 'host', { address: 'lab' });

const files = new ConfigDirectory(host, 'site-files', { path: '/srv/site', source: join(__dirname, 'site') });

new SystemdService(host, 'directory-site', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '3210', '-h', files.path],
  volumes: [{ source: files, target: files.path }],
  ports: [3210],
});

app.synth();
