import { connect } from '../../lib/transport';
import { transportContract } from './contract';
import { describeWithSshd, Sshd } from './sshd';

describeWithSshd('on a host with an SSH server', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await Sshd.start();
  });
  afterAll(() => sshd.stop());

  transportContract('ssh', () => connect({ address: sshd.address, sshOptions: sshd.options }), {
    longestArgument: 64 << 10,
  });
});
