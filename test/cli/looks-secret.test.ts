import { looksSecret, withoutSecrets } from '../../lib/cli/looks-secret';

test.each([
  ...['DB_PASSWORD', 'PGPASSWORD', 'mysql_passwd', 'DB_PASS', 'API_TOKEN', 'clientSecret', 'SECRET_KEY_BASE'],
  ...['AWS_SECRET_ACCESS_KEY', 'SSH_KEY', 'PrivateKey', 'PresharedKey', 'key', 'BASIC_AUTH', 'SetCredential'],
])('%s looks like the name of a secret', (name) => {
  expect(looksSecret(name)).toBe(true);
});

test.each([
  ...['PATH', 'LANG', 'PublicKey', 'SSH_PUBLIC_KEY', 'KEYBOARD', 'KeyringMode', 'AUTHOR', 'BYPASS', 'Image', 'PORT'],
  ...['PrivateTmp', 'PrivateNetwork', 'Tokyo'],
])('%s does not', (name) => {
  expect(looksSecret(name)).toBe(false);
});

test.each([
  ['DB_PASSWORD=hunter2', 'DB_PASSWORD=***'],
  ['Environment="DB_PASSWORD=hunter2 and more"', 'Environment="DB_PASSWORD=***'],
  ['db_password: hunter2', 'db_password: ***'],
  ['  "apiToken" : "hunter2",', '  "apiToken" : ***'],
  ['/bin/app --listen :80 --token hunter2', '/bin/app --listen :80 --token ***'],
  ['/bin/app --token=hunter2', '/bin/app --token=***'],
  ['["app", "--password", "hunter2"]', '["app", "--password", ***'],
  ['DATABASE_URL=postgres://shop:hunter2@db/shop?x=1', 'DATABASE_URL=postgres://shop:***@db/shop?x=1'],
  ['redis://:hunter2@cache', 'redis://:***@cache'],
])('%s is shown without the secret', (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

test.each([
  'LANG=C',
  'Image=docker.io/library/caddy:2',
  'http://localhost:8080/',
  'token',
  'password=',
  'a --verbose b',
])('%s is shown as it is', (line) => {
  expect(withoutSecrets(line)).toBe(line);
});

test('a long line takes no long time', () => {
  const line = 'a'.repeat(500_000);
  const begin = performance.now();
  expect(withoutSecrets(line)).toBe(line);
  expect(performance.now() - begin).toBeLessThan(500);
});
