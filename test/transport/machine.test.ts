import { machineError } from '../../lib/transport/machine';

describe('machineError()', () => {
  test.each([
    [
      "Could not get path to machine: No machine 'web' known\n",
      'no machine of that name runs here',
      'machinectl start web, or see which do: machinectl list',
    ],
    ['web: 1: machinectl: not found\n', 'machinectl is not installed', 'apt-get install systemd-container'],
    [
      'nsenter: reassociate to namespaces failed: Operation not permitted\n',
      'it answered "nsenter: reassociate to namespaces failed: Operation not permitted"',
      'Try by hand: machinectl status web',
    ],
    ['', "it can't be entered", 'Try by hand: machinectl status web'],
  ])('after %j', (output, what, advice) => {
    const error = machineError('machine://web', 'web', output);
    expect(error.message).toBe(`Cannot reach "machine://web": ${what}`);
    expect(error.advice).toBe(advice);
  });
});
