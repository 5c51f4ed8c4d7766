import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../testing';

// As it is built: tests run the sources.
const { DockerService, Host } = require('../../../dist-cdktn') as typeof import('bulkhead');
const { App, TerraformStack } = require('cdktn') as typeof import('cdktf');

test('under cdktn, Bulkhead creates the container that docker would create for its provider under cdktf', () => {
  const app = new App({ outdir: temporaryDirectory() });
  const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local' });
  const web = new DockerService(host, 'web', { image: 'docker.io/library/caddy:2' });
  app.synth();
  const { resource } = JSON.parse(readFileSync(join(app.outdir, 'stacks', 'shop', 'cdk.tf.json'), 'utf8'));
  expect(Object.keys(resource)).toEqual(['bulkhead_service']);
  const services = Object.values<{ objects: object }>(resource.bulkhead_service);
  expect(services.flatMap(({ objects }) => Object.keys(objects)).sort()).toEqual([
    `docker-container:${web.containerName}`,
    'docker-image:docker.io/library/caddy:2',
  ]);
});
