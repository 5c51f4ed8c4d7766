// LXC containers under systemd: an unprivileged one, which is the default, and a privileged one.
//   npx tsx examples/lxc-container/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/lxc-container
import { ConfigFile, Host, Image, LxcContainer } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'lxc-container');
// The practice host needs LXC: bulkhead lab up --packages lxc
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const page = new ConfigFile(host, 'recipes-page', { path: '/etc/recipes/index.html', content: '<h1>Recipes</h1>\n' });

new LxcContainer(host, 'recipes', {
  image, // runs its CMD, as root without capabilities. On the host, this root is another user
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8260:80'],
  memory: '64M', // MemoryMax= of the unit, which limits the container
  health: { http: 'http://localhost/' },
  ulimits: { nofile: 4096 }, // lxc.prlimit.nofile
  tmpfs: ['/cache:size=8m'], // lxc.mount.entry
  directives: { lxc: { 'lxc.prlimit.as': '1073741824' } },
});

new LxcContainer(host, 'clock', {
  image,
  privileged: true, // its root is the root of the host
  command: ['/bin/sh', '-c', 'date > /started; exec sleep 1000000'],
  readOnlyRoot: false, // files that it writes are deleted when it stops
  stopTimeout: '2s',
  network: 'none',
});

app.synth();
