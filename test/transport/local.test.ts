import { connect } from '../../lib/transport';
import { transportContract } from './contract';
import { describeAsRoot } from './privilege';

describeAsRoot('on this machine', () => {
  transportContract('local', () => connect({ address: 'local' }), { longestArgument: 100 << 10 });
});
