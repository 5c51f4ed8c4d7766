import { Host, SystemdService } from 'bulkhead';
import { reset } from '/work/main/lib/directives';
import { App, TerraformStack } from 'cdktf';
const [n, dir, setting='0'] = process.argv.slice(2);
const app = new App({ outdir: dir! });
const host = new Host(new TerraformStack(app, 'bench'), 'host', { address: 'lab:bench' });
for (let i = 0; i < Number(n); i++) new SystemdService(host, `s${i}`, { command: ['/usr/bin/sleep', 'infinity'], environment: { INDEX: String(i), SETTING: i === 0 ? setting! : '0' }, memory: '64M', directives: { Service: { SocketBindDeny: reset([]) } } });
app.synth();
