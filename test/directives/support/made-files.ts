import fc from '../../fast-check';
import * as hostile from './hostile';

/** Lines as people and programs write them, and as nobody should: whatever one parser or another reads in its own way. */

const text = hostile.line.map((value) => value.replaceAll('%', '%%'));
const quoted = fc.oneof(
  text.map((value) => `"${value.replaceAll('"', '\\"').replace(/\\+$/, '')}"`),
  text.map((value) => `'${value.replaceAll("'", '').replace(/\\+$/, '')}'`),
  fc.constantFrom(
    'a\\.b',
    '\\x41',
    '\\x4',
    '\\101',
    '\\777',
    '\\u00e9',
    '\\U0001F600',
    '\\s',
    '\\q',
    '""',
    "''",
    'a"b c"d',
    '\\;',
    ';',
    '"',
    "'",
  ),
  hostile.bare.map((value) => value.replaceAll('%', '%%')),
);
const words = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(' '));
const glue = fc.constantFrom(' ', '  ', '\t', ' \\\n', ' \\\n   ', '\\\n# comment\n', ' \\\n  ; comment\n\t', ' \\ ');
const continued = fc
  .array(quoted, { minLength: 1, maxLength: 4 })
  .chain((items) =>
    fc
      .array(glue, { minLength: items.length, maxLength: items.length })
      .map((glues) => items.map((item, index) => item + (index < items.length - 1 ? glues[index] : '')).join('')),
  );
const numeral = fc.constantFrom('1', '010', '0x5', '+3', '0b101', '0o7', '-5', '08', '0x', '19', '');
const boolean = fc.constantFrom('yes', 'NO', 'on', '0', 'maybe', 't', '');
const path = fc.oneof(
  hostile.path.map((value) => value.replaceAll('%', '%%')),
  fc.constantFrom('/a', '-/a', '"/a b"', 'a', ''),
);
const unit = fc.constantFrom('a.service', 'b.target', 'c.socket', 'a@b.service', 'a', '');

const line = (key: string, value: fc.Arbitrary<string>) => value.map((written) => `${key}=${written}`);

/** Assignments of a service, of which the parser takes some and drops others. */
const service = fc.oneof(
  line(
    'ExecStartPre',
    continued.map((value) => `/bin/echo ${value}`),
  ),
  line(
    'ExecStartPost',
    fc.constantFrom('-/bin/a', '@/bin/a b c', ':/bin/echo $A', '/bin/a ; /bin/b', '/bin/a \\; b', ''),
  ),
  line(
    'Environment',
    fc.oneof(
      words(quoted.map((value) => `A=${value}`)),
      fc.constantFrom('A=1 B=2', '"A=1 2"', 'A', '1A=x', 'A=%h', 'B%b=1', ''),
    ),
  ),
  line('UnsetEnvironment', fc.constantFrom('A', 'A=b', '1A', '"A"', '')),
  line('PassEnvironment', fc.constantFrom('A B', '"A" B', '')),
  line('ReadWritePaths', words(path)),
  line('BindPaths', fc.constantFrom('/a', '/a:/b', '/a:/b:rbind', '"/a b":/c', '/a\\:b:/c', '-/a', 'a', '')),
  line('BindReadOnlyPaths', fc.constantFrom('/c', '/c:/d', '')),
  line('StateDirectory', fc.constantFrom('a', 'a b', 'a/b', '../a', 'a:b', '"a b"', '')),
  line('Nice', numeral),
  line('CPUWeight', fc.constantFrom('0100', '0x10', 'idle', '0', '10001', '')),
  line('LimitNOFILE', fc.constantFrom('0100', '1:0x10', 'infinity', '2:1', '')),
  line('PrivateTmp', boolean),
  line('UMask', fc.constantFrom('022', '27', '0999', '')),
  line('KillSignal', fc.constantFrom('TERM', 'SIGRTMIN+3', '9', 'FOO', '')),
  line('SuccessExitStatus', fc.constantFrom('1 2', 'TERM 076', 'TEMPFAIL', '256', '')),
  line('SystemCallFilter', fc.constantFrom('@system-service', '~@privileged', 'read write', '@nothing read', '')),
  line('RestrictAddressFamilies', fc.constantFrom('AF_INET AF_UNIX', '~AF_INET', 'none', 'AF_FOO', '')),
  line('StandardOutput', fc.constantFrom('syslog', 'journal', 'file:/x', 'file:x', 'append:/a b')),
  line('StandardInputText', fc.constantFrom('a', 'b\\n', '\\q', '')),
  line('SyslogLevel', fc.constantFrom('7', 'info', 'bogus')),
  line(
    'SyslogIdentifier',
    hostile.bare.map((value) => value.replaceAll('%', '%%')),
  ),
  line('WorkingDirectory', fc.constantFrom('/a b', '~', '-/x', '')),
  line('TimeoutStopSec', fc.constantFrom('5', '1min 30s', '+5', 'soon', '')),
  line('MemoryMax', fc.constantFrom('1G', '50%', 'infinity', '1GB', '')),
  line('LogExtraFields', fc.constantFrom('A=1 B="2 3"', 'a=1', 'A', '')),
  line('X-Own', fc.constant('anything')),
  line('Restrat', fc.constant('no')),
  fc.constantFrom(
    '# comment',
    '; comment',
    '',
    '   ',
    'NoAssignment',
    '=x',
    ' Nice = 5 ',
    'Nice=5\rNice=6',
    'Nice=4\0UMask=077',
  ),
);
const unitSection = fc.oneof(
  line('After', words(unit)),
  line('Wants', words(unit)),
  line(
    'Description',
    hostile.bare.map((value) => value.replaceAll('%', '%%')),
  ),
  line('Documentation', fc.constantFrom('man:a(5) https://a.b', 'no-url', '"man:a(5)"', '')),
  line('ConditionPathExists', fc.constantFrom('/a', '!/a', '|/a', 'a', '')),
  line('ConditionHost', fc.constantFrom('a', '!b', '')),
  line('StartLimitBurst', numeral),
);

/** Services, with their drop-ins as lines behind them. */
export const madeService = fc
  .tuple(fc.array(unitSection, { maxLength: 4 }), fc.array(service, { minLength: 1, maxLength: 8 }))
  .map(
    ([ofUnit, ofService]) =>
      `[Unit]\n${ofUnit.join('\n')}\n[Service]\nType=oneshot\nExecStart=/bin/true\n${ofService.join('\n')}\n`,
  );

const listen = fc.oneof(
  line('ListenStream', fc.constantFrom('/run/a', '[::]:80', '0.0.0.0:81', '82', '@a', 'nonsense', '')),
  line('ListenDatagram', fc.constantFrom('/run/b', '90', '[::1]:91', '')),
  line('ListenFIFO', fc.constantFrom('/run/c', '/dev/x', '')),
  line('ListenNetlink', fc.constantFrom('route 1', 'nonsense')),
  line('ListenSequentialPacket', fc.constantFrom('/run/d', '1.2.3.4:1')),
  line('Mark', numeral),
  line('IPTOS', fc.constantFrom('0x10', 'throughput', '256', '')),
);
/** Sockets, of which the order of what they listen to is kept. */
export const madeSocket = fc
  .array(listen, { minLength: 2, maxLength: 8 })
  .map((lines) => `[Socket]\nService=x.service\nListenStream=/run/first\n${lines.join('\n')}\n`);

const timer = fc.oneof(
  line('OnCalendar', fc.constantFrom('daily', 'Mon *-*-* 6:00', '*-31/2147483640', '')),
  line('OnBootSec', fc.constantFrom('5', '1h', 'soon', '')),
  line('OnUnitActiveSec', fc.constantFrom('5min', '')),
  line('Persistent', boolean),
);
export const madeTimer = fc
  .array(timer, { minLength: 1, maxLength: 6 })
  .map((lines) => `[Timer]\nUnit=x.service\nOnStartupSec=1\n${lines.join('\n')}\nOnActiveSec=7\n`);

const container = fc.oneof(
  line('Exec', continued),
  line(
    'Environment',
    fc.oneof(words(quoted.map((value) => `A=${value}`)), fc.constantFrom('A=1 B=2', '"C=1 2"', 'D=a\\.b', '')),
  ),
  line('Label', fc.constantFrom('a.%N.b=c', '"a=b c"', "d='e f'", 'g=h i=j', '')),
  line('PodmanArgs', continued),
  line('AddCapability', fc.constantFrom('NET_ADMIN', 'chown CAP_KILL', 'ALL', '')),
  line('DropCapability', fc.constantFrom('all', 'NET_RAW', '')),
  line('HealthCmd', fc.constantFrom('curl x', '"curl x"', 'test -f "a b" -o x', '')),
  line('Sysctl', fc.constantFrom('a=1 b=2', '"a=1 2"', 'a=b\\x20c', '')),
  line('Volume', fc.constantFrom('/a b:/c', '/a:/b:ro', '')),
  line('RunInit', fc.constantFrom('yes', '"true"', 'off', '')),
  line('Timezone', fc.constantFrom('UTC', '"local"', '')),
  line('StopTimeout', fc.constantFrom('5', '"7"', '')),
  line('EnvironmentFile', fc.constantFrom('/a', '"/a b" /c', '')),
  fc.constantFrom('# comment', '; comment', '', '  ', ' Timezone = UTC '),
);
export const madeContainer = fc
  .array(container, { minLength: 1, maxLength: 6 })
  .map((lines) => `[Container]\nImage=localhost/x\n${lines.join('\n')}\n`);
