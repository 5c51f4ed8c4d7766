// A container of Incus, from an image that came without a registry, on a network with services of every other kind.
//   npx tsx examples/incus-instance/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/incus-instance
import { ConfigFile, Host, Image, IncusInstance } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'incus-instance');
// Incus is not among the packages of every practice host: bulkhead lab up --packages incus-base,incus-client
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'tariff-page', { path: '/etc/tariff/index.html', content: '<h1>Tariff</h1>\n' });

new IncusInstance(host, 'tariff', {
  image: Image.ociArchive(Lab.images().ociArchive), // its CMD runs, as root of 65536 users of its own
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8230:80'],
  memory: '64M', // a change applies while it runs
  tasks: 50,
  health: { http: 'http://localhost/' },
  directives: { config: { 'snapshots.schedule': '@daily', 'snapshots.expiry': '7d' } }, // every key of Incus
});

app.synth();
