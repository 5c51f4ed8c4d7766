import { ConfigFile, Host, Image, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

// Three runtimes on one host. Each service asks the next one over HTTP: web -> api -> db.
const app = new App();
const stack = new TerraformStack(app, 'quickstart');
const host = new Host(stack, 'host', { address: 'lab' });
const images = Lab.images();

// A machine with its own users, processes and network address, on the default network of the host.
const stock = new ConfigFile(host, 'stock', { path: '/etc/quickstart/stock', content: 'db (nspawn): 3 oranges\n' });
const db = new NspawnMachine(host, 'db', {
  image: Image.tar(images.tar),
  command: ['/bin/httpd', '-f', '-p', '80', '-h', '/srv'],
  volumes: [{ source: stock, target: '/srv/index.html' }],
  ports: ['8081:80'],
  memory: '64M',
  stopSignal: 'SIGKILL', // BusyBox httpd ignores every other signal.
});

// A program of the host, in a sandbox where it can write nowhere. It is on the same network, and reaches db by name.
const apiPage = new ConfigFile(host, 'api-page', {
  path: '/etc/quickstart/api/cgi-bin/index.cgi',
  content: page('api (systemd) asks db:'),
  mode: '0755',
});
const api = new SystemdService(host, 'api', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '3000', '-h', '/etc/quickstart/api'],
  environment: { NEXT: db.hostname },
  network: host.network,
  reaches: [db],
  ports: [3000],
  dependsOn: [apiPage, db],
});

// A container. An image from a registry is a string: 'docker.io/library/caddy:2'.
const webPage = new ConfigFile(host, 'web-page', {
  path: '/etc/quickstart/web/cgi-bin/index.cgi',
  content: page('web (podman) asks api:'),
  mode: '0755',
});
new PodmanService(host, 'web', {
  image: Image.ociArchive(images.ociArchive),
  command: ['/bin/httpd', '-f', '-p', '80', '-h', '/srv'],
  environment: { NEXT: 'host.containers.internal:3000' },
  volumes: [{ source: webPage, target: '/srv/cgi-bin/index.cgi' }],
  ports: ['8080:80'],
  dependsOn: [api],
});

app.synth();

/** A CGI program that prints a line, and then the answer of the next service. */
function page(line: string): string {
  return `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' '${line}'
exec busybox wget -q -T 5 -O - "http://$NEXT/"
`;
}
