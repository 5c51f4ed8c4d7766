import { Token } from 'cdktf';
import {
  parseCpu,
  parseDuration,
  parseMemory,
  parseRestart,
  parseTasks,
} from '../../../lib/constructs/props/quantities';

const at = 'shop/host/web';

test('sizes stay as they are given', () => {
  expect(['512M', '1.5G', '1024', 4096].map((size) => parseMemory(size as '512M', at))).toEqual([
    '512M',
    '1.5G',
    '1024',
    4096,
  ]);
});

test.each(['512MB', 'lots', '', '-1M', 0, '0M', 1.5, Number.NaN])('memory %j is refused', (value) => {
  expect(() => parseMemory(value as '512M', at)).toThrow(
    /^Cannot limit memory to .*: is not a size, expected bytes, or a number with K, M, G or T such as "512M" \(at shop\/host\/web\.memory\)$/,
  );
});

test('CPUs become a percentage of one', () => {
  expect([1.5, 0.1, 4, 0.333].map((cpu) => parseCpu(cpu, at))).toEqual(['150%', '10%', '400%', '33.3%']);
});

test.each([0, -1, Number.NaN, '2'])('cpu %j is refused', (value) => {
  expect(() => parseCpu(value as number, at)).toThrow(/^Cannot limit cpu to .*\(at shop\/host\/web\.cpu\)$/);
});

test.each([0, 1.5, -3, '5'])('tasks %j is refused', (value) => {
  expect(() => parseTasks(value as number, at)).toThrow(/^Cannot limit tasks to .*\(at shop\/host\/web\.tasks\)$/);
});

test('an unknown restart is refused with the words there are', () => {
  expect(() => parseRestart('sometimes' as 'no', at)).toThrow(
    'Cannot set restart to "sometimes": is unknown, expected one of no, on-success, on-failure, on-abnormal, on-watchdog, on-abort, always (at shop/host/web.restart)',
  );
});

test('durations are read in seconds', () => {
  expect(['90s', '5min', '1.5h', '2d', '250ms', '7', 30].map((value) => parseDuration(value as '90s', at))).toEqual([
    90, 300, 5400, 172800, 0.25, 7, 30,
  ]);
});

test.each(['3 bananas', '5m', '', 's', -1, Number.NaN])('duration %j is refused', (value) => {
  expect(() => parseDuration(value as '90s', `${at}.stopTimeout`)).toThrow(
    /: is not a duration, expected seconds, or a number with ms, s, min, h or d such as "90s" \(at shop\/host\/web\.stopTimeout\)$/,
  );
});

test('memory and tasks may be values that only Terraform knows', () => {
  const number = Token.asNumber({ resolve: () => 5, creationStack: [] });
  for (const value of [parseMemory(number, at), parseTasks(number, at)])
    expect(value).toMatch(/^\$\{TfToken\[TOKEN\.\d+\]\}$/);
  expect(() => parseCpu(number, at)).toThrow(
    'Cannot limit cpu to (a value that only Terraform knows): is not a number',
  );
});
