// A veth pair whose two ends have an address each. The files match only these two interfaces, by name.
//   npx tsx examples/systemd-network/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-network
import { Host, SystemdNetdev, SystemdNetwork } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-network');
const host = new Host(stack, 'host', { address: 'lab' });

const pair = new SystemdNetdev(host, 'pair', {
  directives: { NetDev: { Name: 'left', Kind: 'veth' }, Peer: { Name: 'right' } },
});

new SystemdNetwork(host, 'left-address', {
  directives: {
    Match: { Name: pair.interfaceName },
    Network: { Address: '192.168.200.1/30', LinkLocalAddressing: false },
  },
  dependsOn: [pair],
});

new SystemdNetwork(host, 'right-address', {
  directives: {
    Match: { Name: 'right' },
    Network: { Address: '192.168.200.2/30', LinkLocalAddressing: false },
    Route: { Destination: '192.168.201.0/24', Gateway: '192.168.200.1' },
  },
  dependsOn: [pair],
});

app.synth();
