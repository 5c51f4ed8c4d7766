import { connect } from '../../lib/transport';
import { transportContract } from '../transport/contract';
import { ADDRESS, describeHost } from './host';

describeHost(ADDRESS, () => {
  transportContract('ssh', () => connect({ address: ADDRESS }), { longestArgument: 64 << 10 });
});
