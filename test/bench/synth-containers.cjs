// Synthesizes N containers with the bindings that cdktf generated for the docker provider.
const { Container } = require('@cdktf/provider-docker/lib/container');
const { DockerProvider } = require('@cdktf/provider-docker/lib/provider');
const { App, TerraformStack } = require('cdktf');

const [count, outdir] = process.argv.slice(2);
const app = new App({ outdir });
const stack = new TerraformStack(app, 'bench');
new DockerProvider(stack, 'docker', { host: 'ssh://root@192.0.2.1' });
for (let i = 0; i < Number(count); i++) {
  new Container(stack, `s${i}`, {
    name: `s${i}`,
    image: 'registry.example/app:1.0',
    env: ['NODE_ENV=production', 'PORT=8080', `INDEX=${i}`],
    ports: [{ internal: 8080, external: 10000 + i }],
    networksAdvanced: [{ name: 'bench' }],
    labels: [
      { label: 'app', value: `s${i}` },
      { label: 'tier', value: 'web' },
    ],
    healthcheck: { test: ['CMD', 'curl', '-f', 'http://localhost:8080/'], interval: '10s', retries: 3 },
    volumes: [
      { hostPath: '/etc/ssl', containerPath: '/etc/ssl', readOnly: true },
      { hostPath: `/srv/s${i}`, containerPath: '/data' },
    ],
    memory: 256,
    restart: 'always',
  });
}
app.synth();
