// Data that outlives its container.
//   npx tsx examples/podman-volume/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-volume
import { Host, Image, PodmanService, PodmanVolume } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-volume');
const host = new Host(stack, 'host', { address: 'lab' });

// By default the data would stay on the host, even after a destroy.
const data = new PodmanVolume(host, 'data', { removalPolicy: 'destroy' });

new PodmanService(host, 'counter', {
  image: Image.ociArchive(Lab.images().ociArchive),
  command: ['/bin/sh', '-c', 'echo started >> /data/starts; exec sleep infinity'],
  volumes: [{ source: data, target: '/data' }],
});

app.synth();
