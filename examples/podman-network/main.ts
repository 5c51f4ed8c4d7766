// Two containers on their own network. One reaches the other by name. Nothing outside reaches them.
//   npx tsx examples/podman-network/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-network
import { Host, Image, PodmanNetwork, PodmanService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-network');
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const network = new PodmanNetwork(host, 'backend', { subnet: '10.90.0.0/24', internal: true });

const api = new PodmanService(host, 'backend-api', { image, networks: [network] });
new PodmanService(host, 'backend-client', {
  image,
  networks: [network],
  command: ['/bin/sh', '-c', 'while wget -q -O /dev/null http://backend-api/; do sleep 5; done'],
  dependsOn: [api],
});

app.synth();
