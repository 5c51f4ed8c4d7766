// A container that podman runs under systemd.
//   npx tsx examples/podman-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/podman-service
import { Host, Image, PodmanService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'podman-service');
const host = new Host(stack, 'host', { address: 'lab' });

new PodmanService(host, 'site', {
  // An image from a registry is a string: 'docker.io/library/caddy:2'.
  image: Image.ociArchive(Lab.images().ociArchive),
  ports: ['127.0.0.1:8100:80'],
  readOnlyRoot: true,
  capabilities: ['CAP_NET_BIND_SERVICE'],
  memory: '64M',
  directives: { Container: { HealthCmd: 'wget -q -O /dev/null http://127.0.0.1/', Notify: 'healthy' } },
});

app.synth();
