import { Host, SystemdService } from 'bulkhead';
import { checkCopy } from '../../../lib/constructs/host/one-copy';
import { host, stack } from '../testing';

const OTHER = '/project/node_modules/pattern/node_modules/bulkhead';
const REFUSAL =
  /^Cannot use the bulkhead in "\/project\/node_modules\/pattern\/node_modules\/bulkhead": the app already uses the copy in ".+", expected one copy: .*"npm ls bulkhead".* \(at shop\/host\)$/;

test('constructs of a second copy of the package are refused', () => {
  const scope = host();
  expect(() => checkCopy(scope, OTHER)).toThrow(REFUSAL);
  expect(() => checkCopy(scope)).not.toThrow();
});

test('whichever copy is the second one', () => {
  const scope = stack();
  checkCopy(scope, OTHER);
  expect(() => new Host(scope, 'host', { address: 'local' })).toThrow('the app already uses the copy in');
});

test('two apps may have one each', () => {
  checkCopy(stack(), OTHER);
  expect(() => new SystemdService(host(), 'api', { command: ['/bin/api'] })).not.toThrow();
});
