// Synthesizes N services, every other one of systemd and of podman. Each depends on the one before (`chain`), on a
// construct of 50 others (`group`), or on none, beside that same construct (`alone`). With `bundles`, on none, and nothing
// is written for Terraform.
if (process.argv[4] === 'bundles') process.env.BULKHEAD_BUNDLES_ONLY = '1';
const { Host, PodmanService, SystemdService } = require('bulkhead');
const { App, TerraformStack } = require('cdktf');
const { Construct } = require('constructs');

const [count, outdir, dependencies] = process.argv.slice(2);
const app = new App({ outdir });
const host = new Host(new TerraformStack(app, 'bench'), 'host', { address: 'ssh://root@192.0.2.1' });
const group = new Construct(host, 'group');
if (['chain', 'group', 'alone'].includes(dependencies))
  for (let i = 0; i < 50; i++) new SystemdService(group, `g${i}`, { command: ['/usr/bin/sleep', 'infinity'] });
let last;
for (let i = 0; i < Number(count); i++) {
  const common = {
    environment: { NODE_ENV: 'production', PORT: '8080', INDEX: String(i) },
    ports: [10000 + i],
    volumes: ['/etc/ssl:/etc/ssl:ro', `/srv/s${i}:/data`],
    memory: '256M',
    restart: 'always',
    dependsOn: dependencies === 'group' ? [group] : dependencies === 'chain' && last ? [last] : [],
  };
  if (i % 2 === 0) {
    last = new SystemdService(host, `s${i}`, { ...common, command: ['/usr/bin/node', '/srv/app/main.js'] });
  } else {
    last = new PodmanService(host, `s${i}`, {
      ...common,
      image: 'registry.example/app:1.0',
      directives: {
        Container: {
          Network: 'bench.network',
          Label: { app: `s${i}`, tier: 'web' },
          HealthCmd: 'curl -f http://localhost:8080/',
          HealthInterval: '10s',
          HealthRetries: 3,
        },
      },
    });
  }
}
app.synth();
