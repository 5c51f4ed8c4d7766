// Containers that run as a user without root, from boot on, without a login.
//   npx tsx examples/user/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/user
import { Host, Image, PodmanNetwork, PodmanService, PodmanVolume, User } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'user');
const host = new Host(stack, 'host', { address: 'lab' });

const rootless = new User(host, 'blogger');
const image = Image.ociArchive(Lab.images().ociArchive);
// The practice host may have control groups v1, where users have no control groups. With v2, leave this out.
const directives = { Container: { CgroupsMode: 'disabled' } } as const;

const network = new PodmanNetwork(host, 'front', { rootless });
const posts = new PodmanVolume(host, 'posts', { rootless, removalPolicy: 'destroy' });

const blog = new PodmanService(host, 'blog', {
  rootless,
  image,
  ports: ['127.0.0.1:8180:80'],
  networks: [network],
  volumes: [{ source: posts, target: '/www/posts' }],
  health: { http: 'http://localhost/' },
  directives,
});

new PodmanService(host, 'reader', {
  rootless,
  image,
  command: ['/bin/sh', '-c', 'wget -q -O - http://blog/ && exec sleep infinity'],
  networks: [network],
  dependsOn: [blog],
  stopTimeout: '1s',
  directives,
});

app.synth();
