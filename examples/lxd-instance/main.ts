// A container of LXD that keeps what is written into it, with a volume of the host.
//   npx tsx examples/lxd-instance/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/lxd-instance
import { ConfigFile, Host, Image, LxdInstance } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'lxd-instance');
// LXD is not among the packages of every practice host: bulkhead lab up --packages lxd,lxd-client
const host = new Host(stack, 'host', { address: 'lab' });

const page = new ConfigFile(host, 'guide-page', { path: '/etc/guide/index.html', content: '<h1>Guide</h1>\n' });

new LxdInstance(host, 'guide', {
  image: Image.ociArchive(Lab.images().ociArchive), // its CMD runs, as root of 65536 users of its own
  environment: { LANGUAGE: 'en' },
  volumes: [{ source: page, target: '/www/index.html' }],
  ports: ['8240:80'],
  memory: '64M', // a change applies while it runs
  health: { tcp: 80 },
  removalPolicy: 'destroy', // another name or host may cost what was written into it
});

app.synth();
