// Synthesizes N services, every other one of systemd and of podman.
const { Host, PodmanService, SystemdService } = require('bulkhead');
const { App, TerraformStack } = require('cdktf');

const [count, outdir] = process.argv.slice(2);
const app = new App({ outdir });
const host = new Host(new TerraformStack(app, 'bench'), 'host', { address: 'ssh://root@192.0.2.1' });
for (let i = 0; i < Number(count); i++) {
  const common = {
    environment: { NODE_ENV: 'production', PORT: '8080', INDEX: String(i) },
    ports: [10000 + i],
    volumes: ['/etc/ssl:/etc/ssl:ro', `/srv/s${i}:/data`],
    memory: '256M',
    restart: 'always',
  };
  if (i % 2 === 0) {
    new SystemdService(host, `s${i}`, { ...common, command: ['/usr/bin/node', '/srv/app/main.js'] });
  } else {
    new PodmanService(host, `s${i}`, {
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
