import { tuple } from '../../lib/directives';
import { writeNspawn } from './support/read-write';

describe('writeNspawn()', () => {
  test('quotes words without escaping anything', () => {
    const text = writeNspawn({
      Exec: { Boot: false, Parameters: ['/bin/sh', '-c', `echo "a" 'b' \\n %h $x`], Environment: { A: '1 2' } },
    });
    expect(text).toBe(`[Exec]\nBoot=no\nParameters=/bin/sh -c "echo "'"'"a"'"'" 'b' \\n %h $x"\nEnvironment="A=1 2"\n`);
  });

  test('escapes colons and backslashes in paths, and quotes none', () => {
    const text = writeNspawn({ Files: { Bind: [tuple('/a b:c', '/d\\e'), '/x:/y:idmap'] } });
    expect(text).toBe('[Files]\nBind=/a b\\:c:/d\\\\e\nBind=/x:/y:idmap\n');
  });

  test('refuses what a line of it can not hold', () => {
    expect(() => writeNspawn({ Exec: { Parameters: ['a\nb'] } })).toThrow('has a line break');
    expect(() => writeNspawn({ Files: { Bind: '/a: ' } })).toThrow('ends with a blank');
    expect(() => writeNspawn({ Exec: { Hostname: 'a\rBoot=yes' } })).toThrow('has a line break');
  });
});
