import { printableJson } from '../../lib/cli/printable';
import { count, duration, printable, Terminal, table } from '../../lib/cli/terminal';

test.each([
  [200, '0.2 s'],
  [3140, '3.1 s'],
  [42_900, '42 s'],
  [150_000, '2 min 30 s'],
  [720_500, '12 min'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
])('%p ms are %p', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});

test('one is singular', () => {
  expect([count(1, 'file'), count(0, 'file'), count(2, 'file')]).toEqual(['1 file', '0 files', '2 files']);
});

test('columns are as wide as their widest cell, without blanks at the end', () => {
  expect(
    table([
      ['a', 'b'],
      ['long', ''],
    ]),
  ).toEqual(['a     b', 'long']);
  expect(table([])).toEqual([]);
});

test('control characters are spelled out, tabs, line breaks and letters are not', () => {
  expect(printable('\u001b[31mé\t\u009b1\n')).toBe('\\x1b[31mé\t\\x9b1\n');
});

describe('a terminal', () => {
  const hostile = 'a\u001b[2J\u009b\u202e';
  const shown = 'a\\x1b[2J\\x9b\\u202e';

  /** What it writes, with colours. */
  function writtenBy(work: (terminal: Terminal) => void, json = false): string {
    const written: string[] = [];
    const write = (text: unknown) => written.push(String(text)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(write),
    );
    const tty = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
    Object.assign(process.stdout, { isTTY: true, hasColors: () => true });
    try {
      work(new Terminal({ color: true, json }));
    } finally {
      for (const spy of spies) spy.mockRestore();
      Object.defineProperty(process.stdout, 'isTTY', tty ?? { value: undefined, configurable: true, writable: true });
      Reflect.deleteProperty(process.stdout, 'hasColors');
    }
    return written.join('');
  }

  test('prints text from elsewhere so that it can not steer it, and its own colours', () => {
    expect(writtenBy((terminal) => terminal.print(hostile, terminal.style('red', hostile)))).toBe(
      `${shown}\n\u001b[31m${shown}\u001b[39m\n`,
    );
    expect(writtenBy((terminal) => terminal.error({ message: hostile, advice: hostile }))).toContain(
      `  do: ${shown}\n`,
    );
    const progressing = (terminal: Terminal) => {
      const progress = terminal.progress();
      progress.step(hostile);
      progress.end();
    };
    expect(writtenBy(progressing)).toContain(`  ${shown}\n`);
  });

  test('prints JSON that means the same', () => {
    const text = writtenBy((terminal) => terminal.document({ hostile }), true);
    expect(JSON.parse(text)).toEqual({ hostile });
    expect(printableJson(hostile)).toBe('"a\\u001b[2J\\u009b\\u202e"');
  });
});

test.each([
  [1, 'directory', '1 directory'],
  [2, 'directory', '2 directories'],
  [2, 'image root', '2 image roots'],
  [0, 'table of nftables', '0 tables of nftables'],
])('%i of "%s" is "%s"', (number, noun, text) => {
  expect(count(number, noun)).toBe(text);
});
