// A network card that keeps its name in any slot, and can wake the host up. The file takes effect at the next boot.
//   npx tsx examples/systemd-link/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-link
import { Host, SystemdLink } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-link');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdLink(host, 'uplink', {
  name: '10-uplink', // sorts before systemd's own 99-default.link
  directives: {
    Match: { PermanentMACAddress: '02:00:5e:00:53:01' },
    Link: { Name: 'uplink0', MTUBytes: 9000, WakeOnLan: 'magic' },
  },
});

app.synth();
