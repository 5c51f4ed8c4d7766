import { execFileSync } from 'node:child_process';
import { observeCommand } from '../../../lib/engine/observe/observe';
import { loginLine } from '../../../lib/transport/quote';

const { argv, input } = observeCommand({ services: ['web'] });

test('the look leaves room for all else that an apply does in the same session', () => {
  expect(Buffer.byteLength(loginLine(argv))).toBeLessThan(1000);
});

test('what comes first on standard input is the look, up to its last byte, and then what to look at', () => {
  const text = input.toString();
  const length = Number(text.slice(0, text.indexOf('\n')));
  const look = input.subarray(text.indexOf('\n') + 1).subarray(0, length);
  expect(execFileSync('sh', ['-n'], { input: look }).toString()).toBe('');
  expect(input.subarray(text.indexOf('\n') + 1 + length).toString()).toBe('services web\n');
});
