// A program with a mistake, which a test names.
import { Host, type HostProps, SystemdService, type SystemdServiceProps } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const mistakes: Record<string, object> = {
  'a name twice': { name: 'r-one' },
  'port 99999': { ports: [99999] },
  'a duration': { stopTimeout: '3 bananas' },
  'an unknown word': { restart: 'sometimes' },
};

const app = new App();
const address = process.env.BULKHEAD_TEST_ADDRESS as HostProps['address'];
const host = new Host(new TerraformStack(app, 't-wrong'), 'host', { address });
const fine: SystemdServiceProps = { command: ['/usr/bin/sleep', 'infinity'] };
new SystemdService(host, 'r-one', fine);
new SystemdService(host, 'r-two', { ...fine, ...mistakes[process.env.MISTAKE ?? ''] });
app.synth();
