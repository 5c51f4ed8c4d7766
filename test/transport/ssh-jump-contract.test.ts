import { transportContract } from './contract';
import { describeWithSshd } from './sshd';
import { UserConfig } from './user-config';

describeWithSshd('through a jump host', () => {
  let user: UserConfig;
  beforeAll(async () => {
    user = await UserConfig.create();
  });
  afterAll(() => user.remove());

  transportContract('ssh', () => user.reach(['ProxyJump jump']), { longestArgument: 64 << 10 });
});
