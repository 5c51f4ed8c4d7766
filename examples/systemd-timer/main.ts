// A program that runs every night, or after boot if the host was off at that time.
//   npx tsx examples/systemd-timer/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/systemd-timer
import { Host, SystemdTimer } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'systemd-timer');
const host = new Host(stack, 'host', { address: 'lab' });

new SystemdTimer(host, 'etc-backup', {
  onCalendar: '*-*-* 03:30:00',
  persistent: true,
  randomizedDelay: '15min',
  command: ['/usr/bin/tar', '--create', '--gzip', '--file=/var/lib/etc-backup/etc.tar.gz', '/etc/hostname'],
  stateDirectory: 'etc-backup',
  memory: '128M',
});

app.synth();
