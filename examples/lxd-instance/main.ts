// An LXD container that keeps the files written to it, with a volume of the host.
//   npx tsx examples/lxd-instance/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/lxd-instance
import { ConfigFile, Host, Image, LxdInstance } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'lxd-instance');
// The practice host needs LXD: bulkhead lab up --packages lxd,lxd-client
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'guide-page', { path: '/etc/guide/index.html', content: '<h1>Guide</h1>\n' });

new LxdInstance(host, 'guide', {
  image: Image.ociArchive(Lab.images().ociArchive), // runs the CMD of the image, as root of its own 65536 users
  environment: { LANGUAGE: 'en' },
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8240:80'],
  memory: '64M', // a change applies while it runs
  health: { tcp: 80 },
  removalPolicy: 'destroy', // allows a new name or host to delete the files written to it
});

app.synth();
