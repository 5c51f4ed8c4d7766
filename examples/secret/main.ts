// A password that two services have in common, whatever runs them, and that nobody else ever sees.
//   npx tsx examples/secret/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/secret
import { Host, Image, PodmanService, Secret, SystemdService } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'secret');
const host = new Host(stack, 'host', { address: 'lab' });

// The host makes it up. One of yours would be read when you plan and apply, and never be written down:
//   { environmentVariable: 'KEEPER_PASSWORD' }, { file: './keeper-password' } or { command: ['pass', 'keeper'] }
const password = new Secret(host, 'keeper-password', { generate: {} });

// As the value of a variable, a secret stands for the path of its file: below /run/credentials for a program of systemd.
const check = 'read given; [ "$given" = "$(cat "$PASSWORD_FILE")" ] && echo welcome';
const keeper = new SystemdService(host, 'keeper', {
  command: ['/usr/bin/busybox', 'nc', '-ll', '-p', '3230', '-e', '/bin/sh', '-c', check],
  ports: [3230],
  secrets: [password],
  environment: { PASSWORD_FILE: password },
});

// In a container or machine, the same variable is a path in /run/secrets.
const ask = '{ cat "$PASSWORD_FILE"; echo; } | nc localhost 3230';
new PodmanService(host, 'visitor', {
  image: Image.ociArchive(Lab.images().ociArchive),
  command: ['/bin/sh', '-c', `while sleep 5; do ${ask}; done`],
  user: '1000',
  network: 'host',
  stopTimeout: '1s',
  secrets: [password],
  environment: { PASSWORD_FILE: password },
  dependsOn: [keeper],
});

app.synth();
