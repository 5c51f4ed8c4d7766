// A container image that systemd itself runs, without an engine, in a strict sandbox. Both units share its files.
//   npx tsx examples/systemd-image/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-image
import { Host, Image, SystemdService, SystemdTimer } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-image');
const host = new Host(stack, 'host', { address: 'lab' });

const image = Image.ociArchive(Lab.images().ociArchive);

new SystemdService(host, 'front-page', {
  image,
  command: ['/bin/busybox', 'httpd', '-f', '-p', '3220', '-h', '/www'], // a path in the image
  ports: [3220],
  memory: '64M',
});

new SystemdTimer(host, 'front-visits', {
  image, // the same files on the host, not a copy
  command: ['sh', '-c', 'wget -q -O - http://localhost:3220/ >> "$STATE_DIRECTORY/pages"'],
  stateDirectory: 'front-visits',
  onCalendar: 'hourly',
});

app.synth();
