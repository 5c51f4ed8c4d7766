// A machine from a container image, with its own users, processes and network address.
//   npx tsx examples/nspawn-machine/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/nspawn-machine
import { ConfigFile, Host, Image, NspawnMachine } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'nspawn-machine');
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'archive-page', { path: '/etc/archive/index.html', content: '<h1>Archive</h1>\n' });

new NspawnMachine(host, 'archive', {
  image: Image.ociArchive(Lab.images().ociArchive), // runs the CMD of the image, with its environment
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8200:80'],
  memory: '64M',
  ephemeral: true, // files that it writes are deleted when it stops
});

app.synth();
