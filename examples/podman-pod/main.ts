// Two containers in a pod. They reach each other on localhost, and the pod publishes their port.
//   npx tsx examples/podman-pod/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-pod
import { Host, Image, PodmanPod, PodmanService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-pod');
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const pod = new PodmanPod(host, 'news', { ports: ['127.0.0.1:8101:80'] });

const web = new PodmanService(host, 'news-web', { image, pod });
new PodmanService(host, 'probe', {
  image,
  pod,
  command: ['/bin/sh', '-c', 'while wget -q -O /dev/null http://localhost/; do sleep 5; done'],
  dependsOn: [web],
});

app.synth();
