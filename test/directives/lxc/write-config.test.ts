import { seccompFor, writeLxcConfig, writeSeccompProfile } from '../../../lib/directives';

test('a list is a line for each item, and a boolean is 1 or 0', () => {
  const config = { 'lxc.cap.keep': ['chown', 'kill'], 'lxc.autodev': true, 'lxc.rootfs.managed': false };
  expect(writeLxcConfig(config)).toBe(
    'lxc.cap.keep = chown\nlxc.cap.keep = kill\nlxc.autodev = 1\nlxc.rootfs.managed = 0\n',
  );
});

test.each([
  ['a b', 'a b'],
  [' a', '" a"'],
  ['a\t', '"a\t"'],
  ['"a"', '""a""'],
  ["'a", `"'a"`],
  ['a"', 'a"'],
  ['# a = "b" \\n', '# a = "b" \\n'],
])('the text %j is written so that LXC reads it as it is', (text, written) => {
  expect(writeLxcConfig({ 'lxc.apparmor.profile': text })).toBe(`lxc.apparmor.profile = ${written}\n`);
});

test.each([
  'lxc.net.0.type',
  'lxc.net.12.veth.pair',
  'lxc.sysctl.net.ipv4.ip_forward',
  'lxc.prlimit.nofile',
  'lxc.cgroup2.memory.high',
  'lxc.namespace.share.net',
])('%s is a key', (key) => {
  const value = key.endsWith('type') ? 'empty' : 'x1';
  expect(writeLxcConfig({ [key]: value })).toBe(`${key} = ${value}\n`);
});

test.each<[string, unknown, string]>([
  ['lxc.cap.kep', ['chown'], 'the key is unknown, expected lxc.cap.keep'],
  ['lxc.net.0.mode', 'x', 'the key is unknown'],
  ['lxc.namespace.share.nets', 'x', 'the key is unknown'],
  ['lxc.autodev', 1, 'is number, expected true or false'],
  ['lxc.idmap', ['u 0 1'], 'is "u 0 1", expected'],
  ['lxc.net.0.type', 'bridge', 'is "bridge", expected one of empty, none, veth'],
  ['lxc.mount.entry', ['/a b'], 'is "/a b", expected'],
  ['lxc.apparmor.profile', 'a\nlxc.autodev = 0', 'has a line break, expected one line'],
])('%s: %j is refused', (key, value, message) => {
  expect(() => writeLxcConfig({ [key]: value })).toThrow(message);
});

test('a filter of system calls allows what its rules say, with the conditions of LXC', () => {
  const lines = writeSeccompProfile(seccompFor([])).split('\n');
  expect(lines.slice(0, 3)).toEqual(['2', 'allowlist errno 38', 'accept']);
  expect(lines).toEqual(
    expect.arrayContaining([
      'socket allow [0,2,SCMP_CMP_EQ]',
      'socket allow [0,16,SCMP_CMP_EQ][2,9,SCMP_CMP_NE]',
      'clone allow [0,0,SCMP_CMP_MASKED_EQ,2114060288]',
    ]),
  );
  expect(lines).not.toContain('mount');
  expect(writeSeccompProfile(seccompFor(['CAP_SYS_ADMIN'])).split('\n')).toContain('mount');
});
