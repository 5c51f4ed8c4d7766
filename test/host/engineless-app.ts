// The program of a project that the tests deploy with cdktf.
import { Host, type HostProps } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { engineless } from './engineless';

const app = new App();
const address = process.env.BULKHEAD_TEST_ADDRESS as HostProps['address'];
engineless()(new Host(new TerraformStack(app, 'k-cdktf'), 'host', { address, settleTime: '1s' }));
app.synth();
