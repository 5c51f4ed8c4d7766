// Virtual machines with their own kernels, on one network with a service that uses the host's kernel.
//   npx tsx examples/virtual-machine/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/virtual-machine
import { join } from 'node:path';
import { ConfigDirectory, Host, Image, SystemdService, VirtualMachine } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'virtual-machine');
// The practice host needs qemu:
// bulkhead lab up --packages qemu-system-x86,e2fsprogs,virtiofsd
const host = new Host(stack, 'host', { address: 'lab' });

// Debian's kernel, and an initrd with BusyBox. For your own system, use its /boot/vmlinuz and /boot/initrd.img.
const { kernel, initrd } = Lab.guest();

const ledger = new VirtualMachine(host, 'ledger', {
  kernel,
  initrd,
  image: Image.ociArchive(Lab.images().ociArchive), // becomes its disk; its CMD is process 1
  memory: '128M',
  expose: [80],
  health: { http: 'http://localhost/', timeout: '5min' }, // the host sends the requests to the address of the guest
});

const pages = new ConfigDirectory(host, 'tally-pages', { path: '/etc/tally/www', source: join(__dirname, 'www') });

new VirtualMachine(host, 'tally', {
  kernel,
  initrd, // without an image or a disk, the guest runs only the initrd
  volumes: [{ source: pages, target: '/www' }], // mounted with virtiofs
  environment: { SHOP: 'corner' },
  memory: '128M',
  cpu: 1,
  ports: ['8250:80'],
  reaches: [ledger],
  stopTimeout: '20s', // after that, the guest is switched off
});

new SystemdService(host, 'bookkeeper', {
  command: ['/usr/bin/sh', '-c', 'curl --silent --fail --retry 9 http://ledger/ && exec sleep infinity'],
  network: host.network,
  reaches: [ledger],
  dependsOn: [ledger],
});

app.synth();
