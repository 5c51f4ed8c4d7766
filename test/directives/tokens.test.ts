import { checkDirectives, type Replacements, type TokenEscaper } from '../../lib/directives';
import { writeQuadlet, writeUnit } from './support/read-write';

/** Shows what a token's value would go through. */
const shown: TokenEscaper = {
  pattern: /<\w+>/g,
  escape: (token, replacements) => `{${token} ${replacements.map(([from, to]) => `${from}>${to}`).join(' ')}}`,
};
/** Puts a value in the token's place, as Terraform would once it is known. */
const known = (value: string): TokenEscaper => ({
  pattern: /<\w+>/g,
  escape: (_token, replacements: Replacements) =>
    replacements.reduce((text, [from, to]) => text.split(from).join(to), value),
});

describe('a token', () => {
  test('gets the replacements of its class, the text around it as usual', () => {
    const text = writeUnit({ Service: { SyslogIdentifier: '100% <x>' } }, { tokens: shown });
    expect(text).toBe('[Service]\nSyslogIdentifier=100%% {<x> %>%% \n>  \r> }\n');
  });

  test.each(['plain', 'a b', '"quoted" \\ $HOME 100% %i', 'a\nb\tc\rd'])('comes out as the text %j would', (value) => {
    const file = (text: string) => ({
      Unit: { Documentation: `man: ${text}` },
      Service: {
        ExecStart: ['/bin/echo', `x ${text}`],
        Environment: { A: `x ${text}` },
        StandardInputText: `x ${text}`,
      },
    });
    if (/[\n\r]/.test(value)) {
      const { Unit: _, ...rest } = file('<x>');
      const { Unit: __, ...literal } = file(value);
      expect(writeUnit(rest, { tokens: known(value) })).toBe(writeUnit(literal));
    } else expect(writeUnit(file('<x>'), { tokens: known(value) })).toBe(writeUnit(file(value)));
  });

  test('can not add a directive where nothing is quoted', () => {
    const text = writeUnit({ Unit: { Description: '<x>' } }, { tokens: known('a\nConflicts=b.service') });
    expect(text).toBe('[Unit]\nDescription=a Conflicts=b.service\n');
  });

  test('comes out as the text would in Quadlet too', () => {
    const file = (text: string) => ({
      Container: {
        Exec: [`a ${text}`],
        HealthCmd: `a ${text} b`,
        Sysctl: { x: `a ${text}` },
        Label: { l: `a ${text}` },
      },
    });
    const value = `"x" 'y' \\ $HOME 100%`;
    expect(writeQuadlet(file('<x>'), { tokens: known(value) })).toBe(writeQuadlet(file(value)));
  });

  test('is not looked into by checks, which still see the key', () => {
    const file = { Service: { MemoryMax: '<x>', Restart: '<x>', User: 'a\nb', Nope: '<x>' } };
    const problems = checkDirectives('unit', file, { tokens: shown });
    expect(problems.map(({ key }) => key)).toEqual(['User', 'Nope']);
    expect(checkDirectives('unit', file).map(({ key }) => key)).toEqual(['MemoryMax', 'Restart', 'User', 'Nope']);
  });
});
