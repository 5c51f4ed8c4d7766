// A machine with users, processes and a network address of its own, from a container image.
//   npx tsx examples/nspawn-machine/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/nspawn-machine
import { ConfigFile, Host, Image, NspawnMachine } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'nspawn-machine');
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'archive-page', { path: '/etc/archive/index.html', content: '<h1>Archive</h1>\n' });

new NspawnMachine(host, 'archive', {
  image: Image.ociArchive(Lab.images().ociArchive), // its CMD runs, with its environment
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8200:80'],
  memory: '64M',
  ephemeral: true, // what it writes is gone when it stops
});

app.synth();
