// A classic three-tier stack on one network over three runtimes: only web reaches api, and only api reaches db.
//   npx tsx examples/network/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/network
import { Host, Image, Network, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'network');
const host = new Host(stack, 'host', { address: 'lab' });
const network = new Network(host, 'shop');
const image = Image.ociArchive(Lab.images().ociArchive);

// Not published: the host and the internet do not reach it.
const db = new NspawnMachine(host, 'shop-db', { image, network, expose: [80] });

// Asks db by its name, which is in its /etc/hosts. The name of a service that it may not reach is not.
const relay = ['/usr/bin/socat', 'TCP6-LISTEN:3000,ipv6only=0,reuseaddr,fork', `TCP:${db.hostname}:80`];
const api = new SystemdService(host, 'shop-api', { command: relay, network, expose: [3000], reaches: [db] });

// Published on port 8300 of the host, for some networks alone; the host itself always reaches it.
new PodmanService(host, 'shop-web', {
  image,
  command: ['/bin/nc', '-ll', '-p', '80', '-e', '/bin/nc', api.hostname, '3000'],
  network,
  ports: [{ host: 8300, container: 80, from: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'] }],
  reaches: [api],
  stopTimeout: '1s',
});

app.synth();
