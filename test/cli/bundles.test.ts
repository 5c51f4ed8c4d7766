import { choose } from '../../lib/cli/bundles';
import { checkSshOptions } from '../../lib/cli/ssh-options';

test('the only stack needs no name', () => {
  expect(choose(['shop'], [])).toEqual(new Set(['shop']));
});

test('several stacks need one', () => {
  expect(() => choose(['shop', 'blog'], [])).toThrow(
    'Cannot choose a stack: there is more than one, expected one of shop, blog',
  );
});

test('an asterisk stands for any characters, and nothing else is special', () => {
  const stacks = ['shop-eu', 'shop-us', 'blog', 'a.b'];
  expect(choose(stacks, ['shop-*'])).toEqual(new Set(['shop-eu', 'shop-us']));
  expect(choose(stacks, ['*'])).toEqual(new Set(stacks));
  expect(choose(stacks, ['a.b', 'blog'])).toEqual(new Set(['a.b', 'blog']));
  expect(() => choose(stacks, ['bl.g'])).toThrow(
    'Cannot find stack "bl.g": expected one of shop-eu, shop-us, blog, a.b',
  );
});

describe('options of ssh in a bundle', () => {
  const bundles = (...sshOptions: string[]) => [
    { stack: 'shop', hosts: [{ id: 'host', path: 'shop/host', address: 'local', sshOptions, manifests: [] }] },
  ];

  test('may say where a host is', () => {
    const options = ['Port=2222', 'user=deploy', 'ProxyJump=bastion', 'IdentityFile=~/.ssh/deploy'];
    expect(() => checkSshOptions(bundles(...options))).not.toThrow();
  });

  test.each([
    'ProxyCommand=touch /tmp/x',
    'proxycommand=x',
    'LocalCommand=x',
    'PermitLocalCommand=yes',
    'KnownHostsCommand=x',
    'PKCS11Provider=/tmp/x.so',
    'SecurityKeyProvider=/tmp/x.so',
    'Include=/tmp/x',
    'SendEnv=*',
    'ForwardAgent=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'Port =22',
    'ProxyCommand x',
  ])('may not be "%s"', (option) => {
    expect(() => checkSshOptions(bundles('Port=22', option))).toThrow(
      `Cannot use the option "${option}" of ssh: it comes from a bundle and may run programs here (at shop/host)`,
    );
  });
});
