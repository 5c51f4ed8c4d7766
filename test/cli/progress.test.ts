import { Progress } from '../../lib/cli/progress';

const CLEAR = '\r\u001b[K';

function recorder() {
  const written: string[] = [];
  return { written, columns: 40, write: (text: string) => written.push(text) > 0 };
}

test('without a terminal each step is a line and nothing else', () => {
  const stream = recorder();
  const progress = new Progress('lines', stream as never);
  progress.waiting('applying');
  progress.step('web  start');
  progress.end();
  expect(stream.written).toEqual(['  web  start\n']);
});

test('on a terminal the last line shows what is being waited for, and is gone at the end', () => {
  const stream = recorder();
  const progress = new Progress('live', stream as never);
  progress.waiting('applying');
  progress.step('web  start');
  progress.end();
  progress.end();
  const text = stream.written.join('');
  expect(text.startsWith(CLEAR)).toBe(true);
  expect(text.slice(CLEAR.length)).toMatch(/^\S \d\.\d s {2}applying/);
  expect(text).toContain(`${CLEAR}  web  start\n`);
  expect(text.endsWith(CLEAR)).toBe(true);
  expect(stream.written.at(-2)).toContain('applying');
});

test('a line is never longer than the terminal is wide', () => {
  const stream = recorder();
  const progress = new Progress('live', stream as never);
  progress.waiting('x'.repeat(100));
  progress.end();
  expect(stream.written[0]?.replace(CLEAR, '')).toHaveLength(39);
});

test('silent progress writes nothing', () => {
  const stream = recorder();
  const progress = new Progress('none', stream as never);
  progress.waiting('applying');
  progress.step('web');
  progress.end();
  expect(stream.written).toEqual([]);
});
