// A health probe decides when a service counts as started. Services that depend on it wait, on an apply and at boot.
//   npx tsx examples/health/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/health
import { Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'health');
const host = new Host(stack, 'host', { address: 'lab' });

const api = new SystemdService(host, 'slow-api', {
  command: ['/bin/sh', '-c', 'sleep 1; exec busybox httpd -f -p 3400 -h /usr/lib'],
  ports: [3400],
  health: { http: 'http://localhost:3400/os-release', timeout: '30s' },
});

new SystemdService(host, 'slow-client', { command: ['/usr/bin/sleep', 'infinity'], dependsOn: [api] });

app.synth();
