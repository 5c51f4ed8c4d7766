// A job migrates a database before the application switches. A timer starts a container every night that backs it up.
//   npx tsx examples/job/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/job
import { Host, Image, PodmanService, SystemdService, SystemdTimer } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'job');
const host = new Host(stack, 'host', { address: 'lab' });

// The job runs once, and again when its unit changes. If it fails, `library` keeps running in its old version.
const migrate = new SystemdService(host, 'migrate', {
  command: ['/usr/bin/bash', '-c', 'echo "version 1" > "$STATE_DIRECTORY/schema"'],
  stateDirectory: 'library-schema',
  oneshot: true,
});
new SystemdService(host, 'library', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '8072'],
  ports: [8072],
  health: { tcp: 8072 },
  dependsOn: [migrate],
});

// Only the timer starts this container. An apply does not.
const backup = new PodmanService(host, 'library-backup', {
  image: Image.ociArchive(Lab.images().ociArchive),
  command: ['/bin/sh', '-c', 'echo "backed up" > /tmp/backup'],
  oneshot: true,
});
new SystemdTimer(host, 'nightly', { onCalendar: '*-*-* 03:30:00', service: backup });

app.synth();
