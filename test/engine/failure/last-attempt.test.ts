import { lastAttempt, readLog } from '../../../lib/engine/failure/last-attempt';

const STARTING = '7d4958e842da4a758f6c1cdc7b36dcc5';
const EXITED = '98e322203f7a4ed290d09fe03c09fe15';
const FAILED = 'd9b373ed55a64feb8242e02dbe79a49c';
const NOT_EXECUTED = '641257651c1b4ec9a8624d7a40a9e1e7';

const of =
  (run: string) =>
  (MESSAGE: string, MESSAGE_ID?: string, more: object = {}) => ({
    UNIT: 'web.service',
    INVOCATION_ID: run,
    MESSAGE,
    ...(MESSAGE_ID && { MESSAGE_ID }),
    ...more,
  });
const log = (...entries: readonly object[]) =>
  lastAttempt(readLog(entries.map((entry) => JSON.stringify(entry)).join('\n')));

test('of several attempts the last one that failed counts, whatever runs since then', () => {
  const [one, two, three] = ['1', '2', '3'].map(of);
  const attempt = log(
    ...(one ? [one('Starting', STARTING), { MESSAGE: 'old' }, one('failed', FAILED)] : []),
    ...(two
      ? [
          two('Starting', STARTING),
          { MESSAGE: 'no database' },
          two('Main process exited', EXITED, { EXIT_CODE: 'exited', EXIT_STATUS: '3' }),
          two('failed', FAILED),
        ]
      : []),
    ...(three ? [three('Starting', STARTING), { MESSAGE: 'new' }] : []),
  );
  expect(attempt).toEqual({
    lines: ['no database', 'Main process exited', 'failed'],
    own: ['no database'],
    end: { code: 'exited', status: '3' },
    notExecuted: undefined,
  });
});

test('a log that begins in the middle of a run is of that run', () => {
  const one = of('1');
  expect(log({ MESSAGE: 'Not healthy' }, one('Control process exited', EXITED), one('failed', FAILED)).own).toEqual([
    'Not healthy',
  ]);
});

test('a signal has a name', () => {
  const one = of('1');
  expect(log(one('x', EXITED, { EXIT_CODE: 'killed', EXIT_STATUS: '31' })).end).toEqual({
    code: 'killed',
    status: 'SYS',
  });
});

test('why it was not executed is what it is run with said first', () => {
  const one = of('1');
  const step = one('Failed at step NAMESPACE', NOT_EXECUTED);
  expect(log(one('Starting', STARTING), step).notExecuted).toBe('Failed at step NAMESPACE');
  const cause = one('/srv/none: No such file', undefined, { PRIORITY: '3', SYSLOG_IDENTIFIER: '(true)' });
  // The journal may have it after the end.
  expect(log(one('Starting', STARTING), step, cause).notExecuted).toBe('/srv/none: No such file');
});

test('text that is not UTF-8 or has control characters is a list of bytes, and what is not JSON is left out', () => {
  expect(readLog('{"MESSAGE":[104,105]}\n{"MESSAGE":null}\n{"MESS\n-- No entries --\n')).toEqual([
    { message: 'hi', ofManager: false, ofExecutor: false },
    { message: '', ofManager: false, ofExecutor: false },
  ]);
});

test('of nothing, nothing is known', () => {
  expect(log()).toEqual({ lines: [], own: [], end: undefined, notExecuted: undefined });
});
