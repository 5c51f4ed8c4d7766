// A pod in Kubernetes YAML, without a cluster: podman runs it under systemd.
//   npx tsx examples/podman-kube/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-kube
import { ConfigFile, Host, PodmanImage, PodmanKube } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-kube');
const host = new Host(stack, 'host', { address: 'lab' });

// The pod itself would pull an image from a registry.
const archive = new ConfigFile(host, 'pages-archive', { path: '/srv/pages.tar', source: Lab.images().ociArchive });
const image = new PodmanImage(host, 'pages-image', {
  image: `oci-archive:${archive.path}`,
  tag: 'localhost/busybox:latest',
  removalPolicy: 'destroy',
  dependsOn: [archive],
});

new PodmanKube(host, 'pages', {
  yaml: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pages' },
    spec: { containers: [{ name: 'web', image: image.reference, imagePullPolicy: 'Never' }] },
  },
  ports: ['127.0.0.1:8102:80'],
  dependsOn: [image],
});

app.synth();
