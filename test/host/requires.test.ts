import { SystemdService } from 'bulkhead';
import { type ApplyError, apply } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { describeHost, host, inventory } from './host';
import { Deployment } from './synth';

const newer = () =>
  new Deployment(
    'requires-test',
    (host) => {
      const directives = { Service: { PrivateBPF: true } };
      new SystemdService(host, 'r-new', { command: ['/usr/bin/sleep', 'infinity'], directives });
    },
    { systemd: 262 },
  );

const file = { content: 'x', mode: '0644', owner: 'root', group: 'root' };
const needing = (requires: NonNullable<Manifest['requires']>): Manifest => ({
  name: 'r-made',
  stack: 'requires-test',
  path: 'requires-test/host/r-made',
  runtime: 'file',
  requires,
  files: { '/etc/r-made': file },
  objects: {},
  units: {},
});

describeHost('what a host must have', () => {
  let before: string;
  beforeAll(async () => {
    before = await inventory();
  });
  afterEach(async () => {
    expect(await inventory()).toBe(before);
  });

  test('a directive that its systemd does not know is refused by the plan, with where it is and what says so', async () => {
    const deployment = newer();
    const [plan] = await deployment.plan();
    expect(plan?.path).toBe('requires-test/host/r-new');
    expect(plan?.obstacles).toEqual([
      expect.objectContaining({
        at: ['requires', 'systemd'],
        problem: expect.stringMatching(
          /^systemd is \d+, expected \d+ or newer for PrivateBPF= in \[Service\], see systemd\.exec\(5\)$/,
        ),
      }),
    ]);
    await expect(deployment.apply()).rejects.toThrow(/PrivateBPF=.*\(at requires-test\/host\/r-new\)/);
    deployment.cleanUp();
  });

  test.each<[string, NonNullable<Manifest['requires']>, string]>([
    ['a program that is not there', { 'r-nothing': { why: 'for a test' } }, 'r-nothing is not installed there'],
    ['an older podman', { podman: { least: '99.1', why: 'for a test' } }, 'expected 99.1 or newer for a test'],
  ])('%s is refused by the apply', async (_, requires, problem) => {
    const options = { asset: () => '' };
    const result = await apply(host(), { manifests: [needing(requires)], remove: [] }, options);
    const error = result.get('r-made') as ApplyError;
    expect(error.shortMessage).toContain(problem);
    expect(error.shortMessage).toContain('(at requires-test/host/r-made)');
  });
});
