import { checkSecretSources } from '../../lib/cli/secret-sources';
import { manifest } from './fixtures';

const bundle = (source: string, from: string) => {
  const spec = { source, from, owner: '0:0', mode: '0400' };
  const web = manifest('web', { objects: { 'secret:web/db': { spec } } });
  return [{ hosts: [{ id: 'host', path: 'shop/host', address: 'local', manifests: [web] }] }];
};

test.each([
  ['environmentVariable', 'AWS_SECRET', 'environment variable "AWS_SECRET"'],
  ['file', '/root/.ssh/id_rsa', 'file "/root/.ssh/id_rsa"'],
  ['command', '["sh","-c","id"]', 'command "[\\"sh\\",\\"-c\\",\\"id\\"]"'],
])('a bundle with the source %s is refused', (source, from, words) => {
  expect(() => checkSecretSources(bundle(source, from))).toThrow(
    `Cannot use the ${words} for secret web/db: it comes from a bundle and would be read on this machine (at shop/host/web)`,
  );
});

test('one whose secrets the host generates is not', () => {
  expect(() => checkSecretSources(bundle('generated', 'db'))).not.toThrow();
});
