// A construct made of constructs, in its own package. ./lib is the package that others would install.
//   npx tsx examples/pattern/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/pattern
import { Host, Image } from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';
import { LoadPage } from './lib';

const app = new App();
const stack = new TerraformStack(app, 'pattern');
const host = new Host(stack, 'host', { address: 'lab' });

new LoadPage(host, 'load', { image: Image.ociArchive(Lab.images().ociArchive), port: 8090 });

app.synth();
