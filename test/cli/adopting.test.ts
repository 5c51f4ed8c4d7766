import { adopting } from '../../lib/cli/adopting';
import type { LoadedBundle } from '../../lib/cli/bundles';
import { manifest } from './fixtures';

function bundle(stack: string, names: readonly string[]): LoadedBundle {
  const manifests = names.map((name) => manifest(name, { stack, path: `${stack}/host/${name}` }));
  const host = { id: 'host', path: `${stack}/host`, address: 'ssh://root@192.0.2.10', manifests };
  return { stack, hosts: [host], asset: (sha256) => sha256, others: [] };
}

const bundles = [bundle('shop', ['web', 'web-db']), bundle('blog', ['web', 'mail'])];

const adopted = (...patterns: readonly string[]) =>
  adopting(patterns)(bundles).flatMap(({ hosts }) =>
    hosts.flatMap(({ manifests }) => manifests.map(({ path, adopt }) => `${path} ${adopt}`)),
  );

test('services are chosen by name on the host or by construct path, and no others are in the bundles then', () => {
  expect(adopted('web')).toEqual(['shop/host/web true', 'blog/host/web true']);
  expect(adopted('blog/host/web', 'web-*')).toEqual(['shop/host/web-db true', 'blog/host/web true']);
  expect(adopting(['mail'])(bundles).map(({ stack }) => stack)).toEqual(['blog']);
});

test('a name that is none says which there are', () => {
  expect(() => adopted('web', 'wbe')).toThrow('Cannot find service "wbe": expected one of mail, web, web-db');
  expect(() => adopting(['web'])([bundle('shop', [])])).toThrow('expected a stack with services');
});
