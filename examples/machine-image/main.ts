// An image that machines share, and a clone that one machine writes to.
//   npx tsx examples/machine-image/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/machine-image
import { Host, Image, MachineImage, NspawnMachine } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'machine-image');
const host = new Host(stack, 'host', { address: 'lab' });

const base = new MachineImage(host, 'kiosk-base', { image: Image.ociArchive(Lab.images().ociArchive) });
const diary = new MachineImage(host, 'diary-root', { clone: base, removalPolicy: 'destroy' });

new NspawnMachine(host, 'kiosk', { image: base, readOnlyRoot: true, ports: ['8270:80'] });
new NspawnMachine(host, 'booth', { image: base, ephemeral: true, ports: ['8271:80'] }); // in a new copy at each start
new NspawnMachine(host, 'diary', {
  image: diary,
  command: ['/bin/sh', '-c', 'date >> /diary; exec sleep 1000000'],
  network: 'none',
  stopTimeout: '2s',
});

app.synth();
