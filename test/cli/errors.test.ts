import { CommandError, errorDocument, errorLines, hostError } from '../../lib/cli/errors';
import { ApplyError } from '../../lib/engine';
import { TransportError } from '../../lib/transport';

const details = { host: 'ssh://a', service: 'shop/host/web', action: 'start web.service', problem: 'it has failed' };

test('an error of the engine has its first line, its details and its advice apart', () => {
  const error = new ApplyError({ ...details, stderr: 'Job failed\n', advice: 'journalctl -u web.service' });
  expect(errorDocument(error)).toEqual({
    message: 'Cannot start web.service on ssh://a: it has failed (at shop/host/web)',
    detail: '  stderr:\n    Job failed',
    advice: 'journalctl -u web.service',
  });
});

test('an error of the engine that has advice alone has no detail', () => {
  const document = errorDocument(new ApplyError({ ...details, advice: 'rename it' }));
  expect(document).not.toHaveProperty('detail');
  expect(errorLines(document)).toEqual([document.message, '  do: rename it']);
});

test('an error of the transport keeps its advice', () => {
  expect(errorDocument(new TransportError('ssh://a', 'Cannot reach "ssh://a"', 'start it'))).toEqual({
    message: 'Cannot reach "ssh://a"',
    advice: 'start it',
  });
});

test('an error of a host says at which construct it is', () => {
  expect(hostError(new CommandError('Cannot reach it'), 'shop/host').message).toBe('Cannot reach it (at shop/host)');
});

test('the further lines of a plain error are its detail', () => {
  expect(errorDocument(new Error('Cannot read it:\n  line 3'))).toEqual({
    message: 'Cannot read it:',
    detail: '  line 3',
  });
});

test('a bug shows where it is', () => {
  const document = errorDocument(new TypeError('x is not a function'));
  expect(document.message).toBe('Internal error: x is not a function');
  expect(document.detail).toContain('errors.test.ts');
});
