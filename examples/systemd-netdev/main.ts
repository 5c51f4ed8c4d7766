// A bridge, and a program that starts once the bridge exists.
//   npx tsx examples/systemd-netdev/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-netdev
import { Host, SystemdNetdev, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-netdev');
const host = new Host(stack, 'host', { address: 'lab' });

const bridge = new SystemdNetdev(host, 'br-guests', {
  directives: { NetDev: { Name: 'br-guests', Kind: 'bridge' }, Bridge: { STP: true } },
});

new SystemdService(host, 'watch-guests', {
  command: ['/bin/sh', '-c', 'cat "/sys/class/net/$0/address"; exec sleep infinity', bridge.interfaceName],
  dependsOn: [bridge],
});

app.synth();
