// An Incus container from a local image, on a network that services of every runtime can join.
//   npx tsx examples/incus-instance/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/incus-instance
import { ConfigFile, Host, Image, IncusInstance } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'incus-instance');
// The practice host needs Incus: bulkhead lab up --packages incus-base,incus-client
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'tariff-page', { path: '/etc/tariff/index.html', content: '<h1>Tariff</h1>\n' });

new IncusInstance(host, 'tariff', {
  image: Image.ociArchive(Lab.images().ociArchive), // runs the CMD of the image, as root of its own 65536 users
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8230:80'],
  memory: '64M', // a change applies while it runs
  tasks: 50,
  health: { http: 'http://localhost/' },
  directives: { config: { 'snapshots.schedule': '@daily', 'snapshots.expiry': '7d' } }, // any key of Incus
});

app.synth();
