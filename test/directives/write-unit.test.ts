import { DirectiveError, raw, reset, type ServiceSection, tuple } from '../../lib/directives';
import { writeUnit } from './support/read-write';

/** The lines that a service has beside its header. */
function service(section: ServiceSection): string[] {
  return writeUnit({ Service: section }).split('\n').slice(1, -1);
}

function refusal(section: object): string {
  try {
    writeUnit({ Service: section });
  } catch (error) {
    if (error instanceof DirectiveError) return error.message;
    throw error;
  }
  throw new Error('it was written');
}

describe('writeUnit()', () => {
  test('writes sections in their usual order, keys as given, one newline at the end', () => {
    const text = writeUnit({
      Install: { WantedBy: 'multi-user.target' },
      Service: { Type: 'exec', ExecStart: ['/bin/true'] },
      Unit: { Description: 'x', After: undefined },
    });
    expect(text).toBe(
      '[Unit]\nDescription=x\n\n[Service]\nType=exec\nExecStart=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n',
    );
  });

  test('writes one command per array, and several with their prefixes', () => {
    expect(service({ ExecStart: ['/bin/echo', 'a b'] })).toEqual(['ExecStart=/bin/echo "a b"']);
    expect(
      service({ ExecStartPre: [['/bin/true'], { argv: ['/bin/false', '$x'], prefix: '-:' }, raw('/bin/echo %i')] }),
    ).toEqual(['ExecStartPre=/bin/true', 'ExecStartPre=-:/bin/false $x', 'ExecStartPre=/bin/echo %i']);
  });

  test.each([
    ['a b', '"a b"'],
    ['', '""'],
    [';', '";"'],
    ['a;b', 'a;b'],
    ['100%', '100%%'],
    ['$HOME', '$$HOME'],
    ['say "hi"', '"say \\"hi\\""'],
    ["it's", '"it\'s"'],
    ['a\\nb', '"a\\\\nb"'],
    ['a\nb\tc\rd', '"a\\nb\\tc\\rd"'],
    ['\x01\x7f', '"\\x01\\x7f"'],
    ['# no comment', '"# no comment"'],
    ['☃', '"☃"'],
  ])('writes the argument %j as %s', (argument, written) => {
    expect(service({ ExecStart: ['/bin/echo', argument] })).toEqual([`ExecStart=/bin/echo ${written}`]);
  });

  test('leaves the variables of a raw word alone', () => {
    expect(service({ ExecReload: ['/bin/kill', '-HUP', raw('$MAINPID')] })).toEqual([
      'ExecReload=/bin/kill -HUP $MAINPID',
    ]);
  });

  test('writes variables one per line, quoted where needed', () => {
    expect(service({ Environment: { A: '1 2', B: '$HOME', C: '', D: undefined, E: raw('%h/x') } })).toEqual([
      'Environment="A=1 2"',
      'Environment=B=$HOME',
      'Environment=C=',
      'Environment=E=%h/x',
    ]);
  });

  test.each<[ServiceSection, string]>([
    [{ ReadOnlyPaths: '/a b"\\%' }, 'ReadOnlyPaths="/a b\\"\\\\%%"'],
    [{ WorkingDirectory: '/a b%' }, 'WorkingDirectory=/a b%%'],
    [{ BindPaths: tuple('/a b', '/c:d', 'rbind') }, 'BindPaths="/a b":/c\\:d:rbind'],
    [{ MountImages: '/a b:/c' }, 'MountImages="/a b":/c'],
    [{ StateDirectory: 'a "b"' }, 'StateDirectory="a \\x22b\\x22"'],
    [{ TemporaryFileSystem: tuple('/a "b"', 'ro,size=1M') }, 'TemporaryFileSystem="/a \\"b\\"":ro,size=1M'],
    [{ ExecSearchPath: '/a:b' }, 'ExecSearchPath=/a\\:b'],
    [{ DeviceAllow: '/dev/a b rw' }, 'DeviceAllow="/dev/a b" rw'],
    [{ DeviceAllow: '/dev/null' }, 'DeviceAllow=/dev/null'],
    [{ IOReadBandwidthMax: '/dev/sda 10M' }, 'IOReadBandwidthMax=/dev/sda 10M'],
    [{ SetCredential: 'id:a%\n' }, 'SetCredential=id:a%\\n'],
    [{ StandardInputText: ' a ' }, 'StandardInputText=\\x20a\\x20'],
    [{ UMask: 0o27 }, 'UMask=0027'],
    [{ PrivateTmp: true, NoNewPrivileges: false }, 'PrivateTmp=yes NoNewPrivileges=no'],
    [{ TimeoutStopSec: 0.0000001 }, 'TimeoutStopSec=0.0000001'],
    [{ SupplementaryGroups: ['a', 'b'] }, 'SupplementaryGroups=a b'],
    [{ CapabilityBoundingSet: reset([]) }, 'CapabilityBoundingSet='],
    [{ ReadOnlyPaths: reset(['/a', '/b']) }, 'ReadOnlyPaths= ReadOnlyPaths=/a ReadOnlyPaths=/b'],
    [{ ReadOnlyPaths: [] }, ''],
    [
      { SystemCallFilter: ['@system-service', '~@privileged', '~reboot'] },
      'SystemCallFilter=@system-service SystemCallFilter=~@privileged reboot',
    ],
  ])('writes %j', (section, lines) => {
    expect(service(section).join(' ')).toBe(lines);
  });

  test.each([
    [{ SyslogIdentifier: 'a\nUser=root' }, 'has a line break'],
    [{ SyslogIdentifier: 'a\rUser=root' }, 'has a line break'],
    [{ ReadOnlyPaths: '/a\nb' }, 'has a line break'],
    [{ BindPaths: tuple('/a', `/b's`) }, 'has a quote or control character'],
    [{ BindReadOnlyPaths: '/a\tb' }, 'has a quote or control character'],
    [{ MountImages: '/a"b:/c' }, 'has a quote or control character'],
    [{ TemporaryFileSystem: tuple('/a:b', 'ro') }, 'has a colon or backslash'],
    [{ StateDirectory: 'a\nb' }, 'has a colon, backslash'],
    [{ StateDirectory: tuple('a', 'b ') }, 'or blank at the end'],
    [{ LoadCredential: 'id:/a b' }, 'has a blank or backslash'],
    [{ SetCredential: 'i d:x' }, 'has no plain name in front'],
    [{ OpenFile: '/a\\b' }, 'has a backslash'],
    [{ LogExtraFields: { A: 'a\nb' } }, 'has a line break'],
    [{ ExecStart: raw('/bin/true\nUser=root') }, 'has a line break'],
    [{ SyslogIdentifier: ' a' }, 'begins with a blank'],
    [{ SyslogIdentifier: 'a\t' }, 'ends with a blank'],
    [{ SyslogIdentifier: 'a\\' }, 'ends with a backslash'],
    [{ Environment: { A: 'a\0' } }, 'has a NUL byte'],
    [{ Environment: { A: '\ud800' } }, 'not valid UTF-8'],
    [{ Environment: { A: '\uffff' } }, 'not valid UTF-8'],
    [{ Environment: { 'A B': 'x' } }, 'is not a name'],
    [{ Environment: 'A=x' }, 'is not an object'],
    [{ SupplementaryGroups: 'a b' }, 'has a blank'],
    [{ SystemCallFilter: '~@privileged @resources' }, 'or several names in an array'],
    [{ EnvironmentFile: ['/a', ''] }, 'is empty'],
    [{ ExecSearchPath: [''] }, 'is empty'],
    [{ EnvironmentFile: reset(['']) }, 'is empty'],
    [{ ExecStart: raw('') }, 'is empty'],
    [{ Restart: ['no', 'always'] }, 'is a list'],
    [{ Restart: reset(['no']) }, "can't be cleared"],
    [{ ExecStart: '/bin/echo hi' }, 'is not a command'],
    [{ ExecStart: ['-/bin/true'] }, 'prefixes go in { argv, prefix }'],
    [{ ExecStart: { argv: ['/bin/true'], prefix: '+-' } }, 'is not a prefix'],
    [{ ExecStart: ['/bin/"x"'] }, 'has a quote'],
    [{ ExecStart: ['/bin/$x'] }, 'has a "$"'],
    [{ ExecStart: ['/bin/'] }, 'ends with "/"'],
    [{ ExecStart: ['bin/x'] }, 'is a relative path'],
    [{ ExecStart: [[]] }, 'has no program'],
    [{ MemoryMax: Number.NaN }, 'it is not exact'],
    [{ MemoryMax: null }, 'is null'],
    [{ Restrat: 'no' }, 'the key is unknown, expected Restart, see systemd.service(5)'],
  ])('refuses %j: it %s', (section, problem) => {
    expect(refusal(section)).toContain(problem);
  });

  test('says where, what and why', () => {
    expect(refusal({ SyslogIdentifier: 'a\nb' })).toBe(
      'Cannot write SyslogIdentifier "a\\nb" in [Service]: has a line break, expected one line, see systemd.exec(5)',
    );
  });

  test('keeps an even number of backslashes at the end, which continue nothing', () => {
    expect(service({ SyslogIdentifier: 'a\\\\' })).toEqual(['SyslogIdentifier=a\\\\']);
  });

  test('refuses an unknown section', () => {
    expect(() => writeUnit({ Servce: {} } as object)).toThrow('the section is unknown, expected Service');
  });
});
