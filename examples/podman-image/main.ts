// An image that the host pulls before its containers start.
//   npx tsx examples/podman-image/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-image
import { ConfigFile, Host, PodmanImage, PodmanService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-image');
const host = new Host(stack, 'host', { address: 'lab' });

// An image from a registry needs no file: { image: 'docker.io/library/caddy:2' }.
const archive = new ConfigFile(host, 'busybox-archive', { path: '/srv/busybox.tar', source: Lab.images().ociArchive });
const image = new PodmanImage(host, 'busybox', {
  image: `oci-archive:${archive.path}`,
  tag: 'localhost/busybox:latest',
  removalPolicy: 'destroy',
  dependsOn: [archive],
});

new PodmanService(host, 'pulled-site', { image, ports: ['127.0.0.1:8103:80'] });

app.synth();
