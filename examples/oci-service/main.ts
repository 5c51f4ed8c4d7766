// Containers that crun and runc run under systemd, without a daemon. Both share one root on the host.
//   npx tsx examples/oci-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/oci-service
import { ConfigFile, Host, Image, OciService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'oci-service');
// runc is not among the packages of every practice host: bulkhead lab up --packages runc
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const page = new ConfigFile(host, 'prices-page', { path: '/etc/prices/index.html', content: '<h1>Prices</h1>\n' });

new OciService(host, 'prices', {
  image, // its CMD runs, as root without any capability, whom the host knows as another user
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8220:80'],
  memory: '64M', // MemoryMax= of the unit binds the container, too
  health: { http: 'http://localhost/' },
});

new OciService(host, 'notes', {
  image,
  runtime: 'runc',
  command: ['/bin/sh', '-c', 'date > /started; exec sleep 1000000'],
  readOnlyRoot: false, // what it writes is gone when it stops
  stopTimeout: '2s',
  network: 'none',
});

app.synth();
