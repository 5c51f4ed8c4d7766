// Containers that LXC runs under systemd: one unprivileged, which is the default, and one privileged.
//   npx tsx examples/lxc-container/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/lxc-container
import { ConfigFile, Host, Image, LxcContainer } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'lxc-container');
// lxc is not among the packages of every practice host: bulkhead lab up --packages lxc
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const page = new ConfigFile(host, 'recipes-page', { path: '/etc/recipes/index.html', content: '<h1>Recipes</h1>\n' });

new LxcContainer(host, 'recipes', {
  image, // its CMD runs, as root without any capability, whom the host knows as another user
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8260:80'],
  memory: '64M', // MemoryMax= of the unit binds the container, too
  health: { http: 'http://localhost/' },
  directives: { lxc: { 'lxc.prlimit.nofile': '4096' } },
});

new LxcContainer(host, 'clock', {
  image,
  privileged: true, // its root is the root of the host
  command: ['/bin/sh', '-c', 'date > /started; exec sleep 1000000'],
  readOnlyRoot: false, // what it writes is gone when it stops
  stopTimeout: '2s',
  network: 'none',
});

app.synth();
