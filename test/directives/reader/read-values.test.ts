import { raw, readDirectives, reset } from '../../../lib/directives';
import fc from '../../fast-check';
import * as hostile from '../support/hostile';
import { GROUPS, type Group, hostileTexts, quadletOf } from '../support/quadlet-samples';
import { parseUnit, writeNspawn, writeQuadlet, writeUnit } from '../support/read-write';
import { unitOf, unitSample } from '../support/unit-samples';

function service(lines: string): unknown {
  return parseUnit(`[Service]\n${lines}\n`, 'unit').Service;
}

describe('readDirectives()', () => {
  test.each<[string, unknown]>([
    [
      'ExecStart=/bin/echo "a b" \'c d\' e\\x20f "" "$$HOME" 100%%',
      ['/bin/echo', 'a b', 'c d', 'e f', '', '$HOME', '100%'],
    ],
    ["ExecStart=/bin/echo a\"b c\"d 'it''s'", ['/bin/echo', 'ab cd', 'its']],
    ["ExecStart=/bin/echo 'it\\'s' 'a\\nb'", ['/bin/echo', "it's", 'a\nb']],
    ['ExecStart=/bin/echo \\u2603 \\xe2\\x98\\x83', ['/bin/echo', '☃', '☃']],
    ['ExecStart=/bin/echo a \\; b', ['/bin/echo', 'a', ';', 'b']],
    ['ExecStart=/bin/echo a ";" b;c ;d', ['/bin/echo', 'a', ';', 'b;c', ';d']],
    ['ExecStart=/bin/echo x # y', ['/bin/echo', 'x', '#', 'y']],
    ['ExecStart=/bin/a \\\n# comment\n  b', ['/bin/a', 'b']],
    ['ExecStart=/bin/echo a\\\nb', ['/bin/echo', 'a', 'b']],
    ['ExecStart=/bin/echo %i $A ${A}b $$A', ['/bin/echo', raw('%i'), raw('$A'), raw('${A}b'), '$A']],
  ])('reads the words of %s', (line, argv) => {
    expect(service(line)).toEqual({ ExecStart: [argv] });
  });

  test('leaves out what empties a list that can not be emptied', () => {
    expect(parseUnit('[Unit]\nAfter=\nBefore=a.target\n', 'unit')).toEqual({ Unit: { Before: ['a.target'] } });
  });

  test('takes the specifiers of [Install] as they are', () => {
    const file = { Install: { WantedBy: [raw('a@%i.service')] } };
    expect(parseUnit(writeUnit(file), 'unit')).toEqual(file);
  });

  test.each<[string, unknown]>([
    [
      'ExecStart=/bin/a 1 ; /bin/b 2',
      {
        ExecStart: [
          ['/bin/a', '1'],
          ['/bin/b', '2'],
        ],
      },
    ],
    ['ExecStart=-@/bin/a b', { ExecStart: [{ argv: ['/bin/a', 'b'], prefix: '-@' }] }],
    ['ExecStart=!!-:"/bin/a b" $x', { ExecStart: [{ argv: ['/bin/a b', '$x'], prefix: '-:!!' }] }],
    [
      'Environment="A=1 2" B="x y" \'C=$HOME\' D=a\\x20b F=50%% K=',
      { Environment: { A: '1 2', B: 'x y', C: '$HOME', D: 'a b', F: '50%', K: '' } },
    ],
    ['Environment=A=1\nEnvironment=A=2 B=%h %X', { Environment: [{ A: '1' }, { A: '2', B: raw('%h') }, raw('%X')] }],
    ['ReadOnlyPaths=/a\\x20b "/c d" /e\\ f', { ReadOnlyPaths: ['/ax20b', '/c d', '/e f'] }],
    [
      'BindPaths="/a b":"/c d" "/a b:/c d" /x\\:y:/z:rbind',
      { BindPaths: ['/a b:/c d', '/a b\\:/c d', '/x\\:y:/z:rbind'] },
    ],
    ['StateDirectory=a\\x20b "c d" e:f', { StateDirectory: ['a b', 'c d', 'e:f'] }],
    ['WorkingDirectory=/a\\x20b', { WorkingDirectory: '/a\\x20b' }],
    ['PrivateTmp=YES\nNoNewPrivileges=0', { PrivateTmp: true, NoNewPrivileges: false }],
    ['ReadOnlyPaths=/a\nReadOnlyPaths=\nReadOnlyPaths=/b', { ReadOnlyPaths: reset(['/b']) }],
    ['CapabilityBoundingSet=', { CapabilityBoundingSet: reset([]) }],
    ['SystemCallFilter=~@clock b\nSystemCallFilter=c', { SystemCallFilter: ['~@clock', '~b', 'c'] }],
    ['Restart=no\nRestart=always', { Restart: 'always' }],
    ['CPUWeight=100', { CPUWeight: 100 }],
    [
      'KillSignal=RTMIN+25\nSuccessExitStatus=TERM 76',
      { KillSignal: 'SIGRTMIN+25', SuccessExitStatus: ['SIGTERM', 76] },
    ],
    ['LimitNOFILE=1024', { LimitNOFILE: 1024 }],
    ['BindReadOnlyPaths=', { BindReadOnlyPaths: reset([]) }],
    ['X-Note=anything', {}],
  ])('reads %s', (lines, values) => {
    expect(service(lines)).toEqual(values);
  });

  test('reads sections that come twice as one, or as several where the format has it so', () => {
    expect(parseUnit('[Unit]\nAfter=a.service\n[Service]\nType=exec\n[Unit]\nAfter=b.service\n', 'unit')).toEqual({
      Unit: { After: ['a.service', 'b.service'] },
      Service: { Type: 'exec' },
    });
    expect(parseUnit('[Route]\nGateway=192.0.2.1\n[Route]\nGateway=192.0.2.2\n', 'network')).toEqual({
      Route: [{ Gateway: '192.0.2.1' }, { Gateway: '192.0.2.2' }],
    });
  });

  test('reads Quadlet files by the rules of Quadlet', () => {
    const text =
      '[Container]\nExec=a\\\n  b "c d" $$x\nHealthCmd="curl x"\nRunInit=yes\nSysctl=a=b\\x20c\nVolume=/a b:/c\n';
    expect(parseUnit(text, 'quadlet')).toEqual({
      Container: {
        Exec: ['ab', 'c d', '$x'],
        HealthCmd: 'curl x',
        RunInit: true,
        Sysctl: { a: 'b\\x20c' },
        Volume: ['/a b:/c'],
      },
    });
  });

  test('reads back what the writers write, so that they write it again', () => {
    fc.assert(
      fc.property(unitSample, (sample) => {
        const text = writeUnit(unitOf(sample));
        expect(writeUnit(parseUnit(text, 'unit'))).toBe(text);
      }),
    );
    for (const group of Object.keys(GROUPS) as Group[]) {
      fc.assert(
        fc.property(hostileTexts(group), (texts) => {
          const text = writeQuadlet(quadletOf(group, texts));
          expect(writeQuadlet(readDirectives('quadlet', text).sections)).toBe(text);
        }),
        { numRuns: 30 },
      );
    }
    fc.assert(
      fc.property(fc.array(hostile.line, { minLength: 1 }), (Parameters) => {
        const text = writeNspawn({ Exec: { Parameters } });
        expect(parseUnit(text, 'nspawn')).toEqual({ Exec: { Parameters } });
      }),
    );
  });

  test('gives the values back that were written', () => {
    fc.assert(
      fc.property(unitSample, (sample) => {
        const { Service = {} } = parseUnit(writeUnit(unitOf(sample)), 'unit');
        const { ExecStart, Environment, ReadWritePaths, StandardInputText, SetCredential } =
          unitOf(sample).Service ?? {};
        expect(Service).toMatchObject({
          ExecStart: [ExecStart],
          Environment,
          ReadWritePaths,
          StandardInputText: [StandardInputText],
          SetCredential: [SetCredential],
        });
      }),
    );
  });
});
