import { raw, readDirectives, reset } from '../../../lib/directives';
import { parseUnit, writeUnit } from '../support/read-write';

/** `[file:]line: [Section] Key: message` for each problem. */
function problemsOf(result: ReturnType<typeof readDirectives>): string[] {
  return result.problems.map(
    ({ file, line, section, key, message }) => `${file ? `${file}:` : ''}${line}: [${section}] ${key}: ${message}`,
  );
}

describe('readDirectives()', () => {
  test('reports every problem with its line, and reads what is right', () => {
    const text = [
      'Type=exec',
      '[Service]',
      '# a comment',
      'Restrat=no',
      'Type',
      'ExecStart=/bin/echo "x',
      'WantedBy=a.target',
      'ExecReload=/bin/true \\',
      '  again',
      '[Sevice]',
      'User=x',
      '[Unit',
      '[Unit]',
      'After=a.service \uffff',
      'Before=b.service',
    ].join('\n');
    const result = readDirectives('unit', text);
    expect(result.sections).toEqual({
      Service: { ExecReload: [['/bin/true', 'again']] },
      Unit: { Before: ['b.service'] },
    });
    expect(problemsOf(result)).toEqual([
      '1: [] Type=exec: is before the first section, expected [Section] first',
      '4: [Service] Restrat: unknown key, expected Restart, see systemd.service(5)',
      '5: [] Type: is not an assignment, expected key=value',
      '6: [Service] ExecStart: has a " that is not closed, expected another, see systemd.service(5)',
      '7: [Service] WantedBy: unknown key, expected it in [Install], see systemd.service(5)',
      '10: [Sevice] : unknown section, expected Service',
      '12: [] [Unit: is not a section, expected "]" at its end',
      '14: [] After=a.service \uffff: is not valid UTF-8, so the line is ignored, expected text',
    ]);
  });

  test('adds what drop-ins say, which can also empty', () => {
    const result = readDirectives('unit', [
      { name: 'a.service', text: '[Service]\nExecStart=/bin/a\nEnvironment=A=1\nNice=5\n[Unit]\nAfter=a.service\n' },
      { name: '10.conf', text: '[Service]\nExecStart=\nExecStart=/bin/b\nEnvironment=B=2\nNice=\nFoo=1\n' },
      { name: '20.conf', text: '[Unit]\nAfter=\nAfter=b.service\n' },
    ]);
    expect(result.sections).toEqual({
      Service: { ExecStart: reset([['/bin/b']]), Environment: { A: '1', B: '2' } },
      Unit: { After: ['a.service', 'b.service'] },
    });
    expect(problemsOf(result)).toEqual([
      '10.conf:6: [Service] Foo: unknown key, expected a name from the manual page, see systemd.service(5)',
    ]);
  });

  test('keeps in a drop-in alone what leads back to a default', () => {
    const text = '[Service]\nNice=\nWorkingDirectory=\n';
    expect(readDirectives('unit', text).sections).toEqual({ Service: {} });
    const { sections } = readDirectives('unit', text, { dropIn: true });
    expect(sections).toEqual({ Service: { Nice: reset([]), WorkingDirectory: reset([]) } });
    expect(writeUnit(sections)).toBe(text);
  });

  test.each([
    ['Socket', 'ListenStream=/x\nListenDatagram=0.0.0.0:111\nListenStream=[::]:111\n'],
    ['Socket', 'ListenStream=/x\nListenStream=/y\nListenFIFO=/z\n'],
  ])('keeps the order of lines in [%s]', (section, lines) => {
    const text = `[${section}]\n${lines}`;
    expect(writeUnit(parseUnit(text, 'unit')).replaceAll(`\n\n[${section}]\n`, '\n')).toBe(text);
  });

  test('says so where an order can not be kept', () => {
    const text = '[Service]\nStandardInputText=a\nStandardInputData=YQ==\nStandardInputText=b\n';
    expect(problemsOf(readDirectives('unit', text))).toEqual([
      '4: [Service] StandardInputText: comes back after another key of the same list, expected all lines of a key together',
    ]);
  });

  test('empties all of a list that several keys fill', () => {
    const text = '[Timer]\nOnBootSec=1\nOnCalendar=daily\nOnCalendar=\nOnActiveSec=5\n';
    expect(parseUnit(text, 'unit')).toEqual({ Timer: { OnCalendar: reset([]), OnActiveSec: ['5'] } });
  });

  test('takes the last of several values, in its place', () => {
    const text = '[Service]\nTimeoutSec=5\nTimeoutStartSec=9\nTimeoutSec=7\n';
    expect(writeUnit(parseUnit(text, 'unit'))).toBe('[Service]\nTimeoutStartSec=9\nTimeoutSec=7\n');
  });

  test.each([
    [
      'ExecStart=/bin/python -c "if 1:\\n\\\n    print(1)"',
      { ExecStart: [['/bin/python', '-c', 'if 1:\n     print(1)']] },
    ],
    ['Environment="A=1 \\\n   2"', { Environment: { A: '1     2' } }],
    ['ExecStart=/bin/echo a \\ \nNice=1', { ExecStart: [['/bin/echo', 'a', '\\']], Nice: 1 }],
    ['ExecStart=/bin/a \\\n\t; comment\n b', { ExecStart: [['/bin/a', 'b']] }],
    ['ExecStart=/bin/a \\\n\nNice=1', { ExecStart: [['/bin/a']], Nice: 1 }],
  ])('continues lines as systemd does: %j', (lines, values) => {
    expect(parseUnit(`[Service]\n${lines}`, 'unit')).toEqual({ Service: values });
  });

  test('ends a line at a NUL byte, and knows pairs of ends', () => {
    const text = '[Service]\r\nNice=1\n\rExecStart=/bin/echo a\0Type=exec\r\r\nUser=x';
    const result = readDirectives('unit', text);
    expect(result.sections).toEqual({ Service: { Nice: 1, ExecStart: [['/bin/echo', 'a']], Type: 'exec', User: 'x' } });
    expect(readDirectives('unit', `${text}\nb`).problems[0]?.line).toBe(7);
  });

  test.each([
    ['Exec=a\\\n\n# comment\n  b', { Exec: ['ab'] }],
    ['Exec=a "b c', { Exec: ['a', 'b c'] }],
    ['Copy="true"', undefined],
    ['RunInit="on"\nReadOnly=', { RunInit: true, ReadOnly: false }],
    ['HealthCmd=/bin/sh -c "echo hi"', { HealthCmd: '/bin/sh -c "echo hi"' }],
    ['Timezone=UTC\nTimezone=', {}],
    [
      'AddCapability=NET_ADMIN chown CAP_SETUID ALL',
      { AddCapability: ['CAP_NET_ADMIN', 'CAP_CHOWN', 'CAP_SETUID', 'all'] },
    ],
    ['Label=a.%N.rule=x b=%%N', { Label: [raw('a.%N.rule=x'), { b: '%N' }] }],
    // Quadlet knows no blanks but those of ASCII in front of a value.
    ['Exec= \u00a0a', { Exec: ['\u00a0a'] }],
    ['RemapUid=0:1:2\nRemapUid=2:3:4', { RemapUid: ['0:1:2', '2:3:4'] }],
  ])('reads the lines of a container as Quadlet does: %j', (lines, values) => {
    const result = readDirectives('quadlet', `[Container]\n${lines}`);
    expect(values === undefined ? result.problems.length : result.sections).toEqual(
      values === undefined ? 1 : { Container: values },
    );
  });

  test.each([
    ['Exec=grep a\\.b', 'has the unknown escape "\\.", expected "\\\\" for a backslash'],
    ['Environment=A=1 B=a\\.b', 'has the unknown escape "\\.", expected "\\\\" for a backslash'],
    ['Exec=a "" b', 'has an empty word, and the list ends there, expected text'],
    ['Sysctl=a=b "c', 'has a " that is not closed, expected another'],
  ])('reports what Quadlet drops: %s', (line, message) => {
    const result = readDirectives('quadlet', `[Container]\n${line}`);
    expect(result.sections).toEqual({ Container: {} });
    expect(problemsOf(result)).toEqual([
      `2: [Container] ${line.split('=')[0]}: ${message}, see podman-systemd.unit(5)`,
    ]);
  });

  test.each([
    ['Nice=010', 8],
    ['Nice=0x5', 5],
    ['Nice=+0b11', 3],
    ['Nice=-0o7', -7],
  ])('reads the number %s as systemd does', (line, Nice) => {
    expect(parseUnit(`[Service]\n${line}`, 'unit')).toEqual({ Service: { Nice } });
  });

  test('takes a character behind a backslash whole', () => {
    expect(parseUnit('[Service]\nReadWritePaths=/\\😀', 'unit')).toEqual({ Service: { ReadWritePaths: ['/😀'] } });
  });

  test.each([
    ['ReadWritePaths=/a /b\\ ', 'has the unknown escape "\\", expected "\\\\" for a backslash, see systemd.exec(5)'],
    ['Environment=a%%b', '"a%%b" is not an assignment, expected NAME=value, see systemd.exec(5)'],
  ])('reports what systemd drops: %s', (line, message) => {
    const result = readDirectives('unit', `[Service]\n${line}`);
    expect(problemsOf(result)).toEqual([`2: [Service] ${line.split('=')[0]}: ${message}`]);
  });

  test('takes quotes from the names of [Install], and old words', () => {
    const text = '[Install]\nAlias="b.service"\nWantedBy="x.target" y.target\n[Service]\nStandardOutput=syslog\n';
    expect(parseUnit(text, 'unit')).toEqual({
      Install: { Alias: ['b.service'], WantedBy: ['x.target', 'y.target'] },
      Service: { StandardOutput: 'journal' },
    });
  });

  test('keeps and reports what the parser takes and the process does not get', () => {
    const result = readDirectives('unit', '[Service]\nStateDirectory=a g\\:h\n');
    expect(result.sections).toEqual({ Service: { StateDirectory: ['a', 'g\\:h'] } });
    expect(problemsOf(result)).toEqual([expect.stringContaining('which systemd does not pass to the process')]);
  });

  test('leaves out what the parser ignores, line by line', () => {
    const text = '[Service]\nNice=5\nNice=99\nAfter=x\nEnvironment=A=1 B\nSystemCallFilter=read @nothing\n';
    const result = readDirectives('unit', text);
    expect(result.sections).toEqual({ Service: { Nice: 5, Environment: { A: '1' }, SystemCallFilter: ['read'] } });
    expect(problemsOf(result).map((problem) => problem.split(': ').slice(0, 2).join(': '))).toEqual([
      '3: [Service] Nice',
      '4: [Service] After',
      '5: [Service] Environment',
      '6: [Service] SystemCallFilter',
    ]);
  });

  test('knows the old names of networkd', () => {
    const text = '[Network]\nIPv6Token=eui64\n[DHCPv4]\nCriticalConnection=yes\n[IPv6PrefixDelegation]\nManaged=yes\n';
    expect(parseUnit(text, 'network')).toEqual({
      Network: { KeepConfiguration: 'dhcp' },
      IPv6AcceptRA: { Token: ['eui64'] },
      DHCPv4: {},
      IPv6SendRA: { Managed: true },
    });
    expect(parseUnit('[VRF]\nTableId=42\n[WireGuard]\nFwMark=1234\n', 'netdev')).toEqual({
      VRF: { Table: 42 },
      WireGuard: { FirewallMark: 1234 },
    });
  });

  test('reads a boolean where a key takes one beside words', () => {
    expect(parseUnit('[Exec]\nPrivateUsers=no\n', 'nspawn')).toEqual({ Exec: { PrivateUsers: false } });
    expect(parseUnit('[Exec]\nPrivateUsers=65536:100\n', 'nspawn')).toEqual({ Exec: { PrivateUsers: '65536:100' } });
  });
});
