// A network card that keeps its name wherever it is plugged in, and wakes the host up. It counts from the next boot on.
//   npx tsx examples/systemd-link/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-link
import { Host, SystemdLink } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-link');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdLink(host, 'uplink', {
  name: '10-uplink', // before systemd's own 99-default.link
  directives: {
    Match: { PermanentMACAddress: '02:00:5e:00:53:01' },
    Link: { Name: 'uplink0', MTUBytes: 9000, WakeOnLan: 'magic' },
  },
});

app.synth();
