// A container image as a portable service, attached to the host's systemd with the strict profile.
//   npx tsx examples/portable-service/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/portable-service
import { Host, Image, PortableService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'portable-service');
const host = new Host(stack, 'host', { address: 'lab' });

new PortableService(host, 'leaflet', {
  image: Image.ociArchive(Lab.images().ociArchive), // sets the environment; without `command`, its CMD would run
  command: ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/www'],
  ports: ['8211:80'],
  memory: '64M',
  tasks: 16, // the strict profile allows 4
});

app.synth();
