// The program of a project that the tests deploy with cdktf.
import { Host, type HostProps } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { three } from './three';

const app = new App();
const address = process.env.BULKHEAD_TEST_ADDRESS as HostProps['address'];
three()(new Host(new TerraformStack(app, 't-cdktf'), 'host', { address, settleTime: '1s' }));
app.synth();
