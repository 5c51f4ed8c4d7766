// Containers that crun and runc run under systemd, without a daemon. Both share the files of one image.
//   npx tsx examples/oci-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/oci-service
import { ConfigFile, Host, Image, OciService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'oci-service');
// The practice host needs runc: bulkhead lab up --packages runc
const host = new Host(stack, 'host', { address: 'lab' });
const image = Image.ociArchive(Lab.images().ociArchive);

const page = new ConfigFile(host, 'prices-page', { path: '/etc/prices/index.html', content: '<h1>Prices</h1>\n' });

new OciService(host, 'prices', {
  image, // runs its CMD, as root without capabilities. On the host, this root is another user
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8220:80'],
  memory: '64M', // MemoryMax= of the unit, which limits the container
  health: { http: 'http://localhost/' },
});

new OciService(host, 'notes', {
  image,
  runtime: 'runc',
  command: ['/bin/sh', '-c', 'date > /started; exec sleep 1000000'],
  readOnlyRoot: false, // files that it writes are deleted when it stops
  stopTimeout: '2s',
  network: 'none',
});

app.synth();
