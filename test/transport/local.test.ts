import { connect } from '../../lib/transport';
import { transportContract } from './contract';

transportContract('local', () => connect({ address: 'local' }), { longestArgument: 100 << 10 });
