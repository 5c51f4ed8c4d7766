// An image that the host builds from a directory. When a file in the directory changes, the container restarts.
//   npx tsx examples/podman-build/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-build
import { join } from 'node:path';
import { ConfigFile, Host, PodmanBuild, PodmanImage, PodmanService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-build');
const host = new Host(stack, 'host', { address: 'lab' });

// The image in the FROM line. The build itself would pull an image from a registry.
const archive = new ConfigFile(host, 'base-archive', { path: '/srv/base.tar', source: Lab.images().ociArchive });
const base = new PodmanImage(host, 'base', {
  image: `oci-archive:${archive.path}`,
  tag: 'localhost/busybox:latest',
  removalPolicy: 'destroy',
  dependsOn: [archive],
});

const image = new PodmanBuild(host, 'page', { context: join(__dirname, 'context'), dependsOn: [base] });

new PodmanService(host, 'built-site', { image, ports: ['127.0.0.1:8104:80'] });

app.synth();
