import { Host, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { temporaryDirectory } from '../testing';

const make = (props: object) => {
  const stack = new TerraformStack(new App({ outdir: temporaryDirectory() }), 'shop');
  return new SystemdService(new Host(stack, 'host', { address: 'local' }), 'web', { command: ['/bin/true'], ...props });
};

test('how many versions are kept, and whether a failed change is undone, is in the manifest where it is not usual', () => {
  expect(make({ generations: 0, rollback: false }).manifest).toMatchObject({ generations: '0', rollback: false });
  const usual = make({ rollback: true }).manifest;
  expect(usual).not.toHaveProperty('generations');
  expect(usual).not.toHaveProperty('rollback');
});

test.each([-1, 1.5, 21, '2'])('generations: %p is refused', (generations) => {
  expect(() => make({ generations })).toThrow(
    `Cannot keep generations ${JSON.stringify(generations)}: is not a number of versions, expected a whole number from 0 to 20 (at shop/host/web.generations)`,
  );
});

test('a rollback that is neither true nor false is refused', () => {
  expect(() => make({ rollback: 'no' })).toThrow('(at shop/host/web.rollback)');
});
