import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigDirectory, ConfigFile, Directory, Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { temporaryDirectory } from '../testing';

const stack = () => new TerraformStack(new App({ outdir: temporaryDirectory() }), 'shop');
const SLEEP = ['/usr/bin/sleep', 'infinity'];

/** A file, and what makes services of the host that use it. */
function shop(scope: Construct = stack()) {
  const host = new Host(scope, 'host', { address: 'local' });
  const conf = new ConfigFile(host, 'conf', { path: '/etc/conf', content: '' });
  const service = (id: string, dependsOn: IConstruct[] = [], source: ConfigFile | undefined = conf) =>
    new SystemdService(host, id, {
      command: SLEEP,
      dependsOn,
      volumes: source ? [{ source, target: '/etc/conf', readOnly: true }] : [],
    });
  return { host, conf, service, other: (id: string) => new SystemdService(host, id, { command: SLEEP }) };
}

test('a file comes after what its only user depends on, which is told in both renderings', () => {
  const { conf, service, other } = shop();
  const db = other('db');
  service('web', [db]);
  expect(conf.manifest.after).toEqual(['db']);
  expect(conf.dependencies).toEqual([db]);
});

test('a file of several users comes after what all of them depend on, and nothing else', () => {
  const { conf, service, other } = shop();
  const [db, cache] = [other('db'), other('cache')];
  service('web', [db, cache]);
  service('api', [db]);
  expect(conf.manifest.after).toEqual(['db']);
  service('early');
  expect(conf.manifest.after).toBeUndefined();
});

test('whatever comes after a file counts, also without using it', () => {
  const { host, conf, service, other } = shop();
  service('web', [other('db')]);
  new SystemdService(host, 'early', { command: SLEEP, dependsOn: [conf] });
  expect(conf.manifest.after).toBeUndefined();
});

test('a service that uses the file comes after it, whoever depends on that service', () => {
  const { conf, service } = shop();
  service('web', [service('db')]);
  expect(conf.manifest.after).toBeUndefined();
});

test('files never come after each other, although a construct in dependsOn stands for all services in it', () => {
  const { host, conf, service } = shop();
  const group = new Construct(host, 'group');
  new SystemdService(group, 'db', { command: SLEEP });
  const [one, two] = ['one', 'two'].map((id) => new ConfigFile(group, id, { path: `/etc/${id}`, content: '' }));
  service('web', [group], one);
  service('api', [group], two);
  service('front', [group]);
  for (const file of [conf, one, two]) expect(file?.manifest.after).toEqual(['group-db']);
});

test('a directory with content does, and one that services fill does not', () => {
  const { host, other } = shop();
  const source = temporaryDirectory();
  writeFileSync(join(source, 'page'), '');
  const pages = new ConfigDirectory(host, 'pages', { path: '/srv/pages', source });
  const data = new Directory(host, 'data', { path: '/srv/data' });
  const volumes = [pages, data].map((each) => ({ source: each, target: each.path }));
  new SystemdService(host, 'web', { command: SLEEP, dependsOn: [other('db')], volumes });
  expect(pages.manifest.after).toEqual(['db']);
  expect(data.manifest.after).toBeUndefined();
});

test('what is on another host of the stack comes before the file, too', () => {
  const scope = stack();
  const { conf, service } = shop(scope);
  const db = new SystemdService(new Host(scope, 'other', { address: 'ssh://root@192.0.2.1' }), 'db', {
    command: SLEEP,
  });
  service('web', [db]);
  expect(conf.dependencies).toEqual([db]);
  expect(conf.manifest.after).toBeUndefined();
});
