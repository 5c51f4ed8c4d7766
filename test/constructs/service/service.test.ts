import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, Host, SystemdService } from 'bulkhead';
import { App, TerraformResource, TerraformStack } from 'cdktf';
import { readBundle } from '../../../lib/rendering/read-bundle';
import { temporaryDirectory } from '../testing';

/** A file that Terraform creates by a resource of another provider. */
class OtherFile extends ConfigFile {
  protected override render(): void {
    new TerraformResource(this, 'other', { terraformResourceType: 'other_file' });
  }
}

test('a class may have resources of another provider, and the bundle has it all the same', () => {
  const outdir = temporaryDirectory();
  const app = new App({ outdir });
  const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local' });
  const file = new OtherFile(host, 'conf', { path: '/etc/conf', content: '' });
  new SystemdService(host, 'api', { command: ['/bin/api'], dependsOn: [file] });
  app.synth();
  const { resource } = JSON.parse(readFileSync(join(outdir, 'stacks/shop/cdk.tf.json'), 'utf8'));
  const services = Object.values(resource.bulkhead_service) as { name: string; depends_on: string[] }[];
  const [other] = Object.keys(resource.other_file);
  expect(services.map(({ name, depends_on }) => [name, depends_on])).toEqual([['api', [`other_file.${other}`]]]);
  const [{ manifests } = { manifests: [] }] = readBundle(join(outdir, 'bundle/shop')).hosts;
  expect(manifests.map(({ name }) => name)).toEqual(['conf', 'api']);
});
