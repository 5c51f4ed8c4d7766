// A three-tier stack with three runtimes on one network. Only web reaches api, and only api reaches db.
//   npx tsx examples/network/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/network
import { Host, Image, Network, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'network');
const host = new Host(stack, 'host', { address: 'lab' });
const network = new Network(host, 'shop');
const image = Image.ociArchive(Lab.images().ociArchive);

// db is not published, so the host and the internet can't reach it.
const db = new NspawnMachine(host, 'shop-db', { image, network, expose: [80] });

// api asks db by name. Its /etc/hosts has only the names of services that it may reach.
const relay = ['/usr/bin/socat', 'TCP6-LISTEN:3000,ipv6only=0,reuseaddr,fork', `TCP:${db.hostname}:80`];
const api = new SystemdService(host, 'shop-api', { command: relay, network, expose: [3000], reaches: [db] });

// web is published on port 8300 of the host, for the networks in `from`. The host itself can always reach it.
new PodmanService(host, 'shop-web', {
  image,
  command: ['/bin/nc', '-ll', '-p', '80', '-e', '/bin/nc', api.hostname, '3000'],
  network,
  ports: [{ host: 8300, container: 80, from: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'] }],
  reaches: [api],
  stopTimeout: '1s',
});

app.synth();
