// A container that containerd runs under systemd, without docker.
//   npx tsx examples/containerd-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/containerd-service
import { ConfigFile, ContainerdService, Host, Image } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'containerd-service');
// The practice host needs containerd: bulkhead lab up --packages containerd,runc
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'menu-page', { path: '/etc/menu/index.html', content: '<h1>Menu</h1>\n' });

new ContainerdService(host, 'menu', {
  image: Image.ociArchive(Lab.images().ociArchive), // runs the CMD of the image, as root without capabilities
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8210:80'],
  memory: '64M', // above this, the program is killed
  tasks: 20,
  health: { http: 'http://localhost/' },
});

app.synth();
