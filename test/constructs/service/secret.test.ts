import { Host, Secret, type SecretProps, SystemdService } from 'bulkhead';
import { TerraformVariable } from 'cdktf';
import { host, stack } from '../testing';

const web = (scope: Host, secrets: readonly Secret[]) =>
  new SystemdService(scope, 'web', { command: ['/bin/web'], secrets });

test.each<[SecretProps, object]>([
  [{ environmentVariable: 'DB_PASSWORD' }, { source: 'environmentVariable', from: 'DB_PASSWORD' }],
  [{ file: './db-password' }, { source: 'file', from: './db-password' }],
  [{ command: ['pass', 'shop/db'] }, { source: 'command', from: '["pass","shop/db"]' }],
  [{ generate: {} }, { source: 'generated', from: 'db-password.shop' }],
])('of %j the manifest has where it comes from', (props, source) => {
  const scope = host();
  const { manifest } = web(scope, [new Secret(scope, 'db-password', props)]);
  const key = 'secret:web/db-password';
  expect(manifest.objects[key]).toEqual({ spec: { ...source, owner: '0:0', mode: '0400' } });
  expect(manifest.units['web.service']?.restartOn).toContain(key);
});

test('a generated one is made once for all services of the host', () => {
  const scope = host();
  const secret = new Secret(scope, 'session', { generate: { length: 64 } });
  const other = new SystemdService(scope, 'api', { command: ['/bin/api'], secrets: [secret] });
  for (const service of [web(scope, [secret]), other])
    expect(service.manifest.objects).toMatchObject({
      'generated-secret:session.shop': { spec: { length: '64' } },
      [`secret:${service.serviceName}/session`]: { spec: { source: 'generated', from: 'session.shop' } },
    });
});

test('the value of a variable of Terraform is in no manifest', () => {
  const scope = host();
  const { stringValue } = new TerraformVariable(scope.stack, 'db', { sensitive: true });
  const service = web(scope, [new Secret(scope, 'db-password', { value: stringValue })]);
  expect(JSON.stringify(service.manifest)).not.toContain('Token');
  expect(service.secretValues).toEqual({ 'db-password': stringValue });
});

test('is named by its place below the host, or its name', () => {
  const scope = host();
  expect(new Secret(scope, 'db', { generate: {} }).secretName).toBe('db');
  expect(new Secret(scope, 'other', { name: 'tls.key', generate: {} }).secretName).toBe('tls.key');
});

test.each<[string, object, string]>([
  ['no source', {}, 'it has no source, expected one of environmentVariable, file, command, value, generate'],
  ['two sources', { file: './a', environmentVariable: 'A' }, 'it has several sources: environmentVariable, file'],
  ['a value in the program', { value: 'hunter2' }, 'Cannot use as secret "***": it would be in the program'],
  [
    'a value for a name',
    { environmentVariable: 'hunter 2' },
    'from environment variable "***": is not a variable name',
  ],
  ['a command without words', { command: [] }, 'has no program'],
  ['a length that is too short', { generate: { length: 4 } }, 'Cannot generate a secret of length 4: is out of range'],
  ['a name that is not valid', { name: '../x', generate: {} }, 'Cannot name a secret "../x": is not a name'],
  ['a prop that it does not have', { genrate: {} }, 'Cannot set "genrate": is not a prop'],
])('%s is refused', (_, props, message) => {
  const make = () => new Secret(host(), 'db', props as SecretProps);
  expect(make).toThrow(message);
  expect(make).not.toThrow('hunter');
});

test('two of a name on one host are refused, also where the host has two constructs', () => {
  const scope = stack();
  const [a, b] = ['a', 'b'].map((id) => new Host(scope, id, { address: 'local' }));
  new Secret(a as Host, 'db', { generate: {} });
  expect(() => new Secret(b as Host, 'db', { generate: {} })).toThrow(
    'Cannot name a secret "db": shop/a/db has that name on the same host, expected another `name` (at shop/b/db)',
  );
});

test('what a service can not be given is refused', () => {
  const scope = host();
  const secret = new Secret(scope, 'db', { generate: {} });
  expect(() => web(scope, [secret, secret])).toThrow('Cannot give secret "shop/host/db": is already given');
  expect(() => web(host(), ['hunter2' as never])).toThrow('Cannot give secret "***": is not a Secret');
  const other = new Host(stack(), 'host', { address: 'ssh://root@192.0.2.1' });
  expect(() => web(other, [secret])).toThrow('Cannot give secret "shop/host/db": is on shop/host');
});
