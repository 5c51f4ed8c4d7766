// Docker containers, each with a unit that starts, watches and stops it. The practice host needs docker:
//   npx bulkhead lab up --packages docker.io,docker-cli,iptables
//   npx tsx examples/docker-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/docker-service
import { DockerNetwork, DockerService, DockerVolume, Host, Image } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'docker-service');
const host = new Host(stack, 'host', { address: 'lab' });
// An image from a registry is a string: 'docker.io/library/caddy:2'.
const image = Image.ociArchive(Lab.images().ociArchive);

// The data outlives the container. The container has no capabilities, and at most 64 MiB of memory.
const data = new DockerVolume(host, 'dock-data', { removalPolicy: 'destroy' });
new DockerService(host, 'dock-site', {
  image,
  ports: ['127.0.0.1:8106:80'],
  volumes: [{ source: data, target: '/data' }],
  readOnlyRoot: true,
  tmpfs: ['/tmp'],
  memory: '64M',
  tasks: 50,
  health: { http: 'http://localhost/' },
});

// On a docker network, containers reach each other by name.
const network = new DockerNetwork(host, 'dock-net');
const db = new DockerService(host, 'dock-db', { image, network });
const ask = ['/bin/nc', '-ll', '-p', '80', '-e', '/bin/nc', db.serviceName, '80'];
new DockerService(host, 'dock-web', { image, network, command: ask, ports: ['127.0.0.1:8107:80'], dependsOn: [db] });

app.synth();
