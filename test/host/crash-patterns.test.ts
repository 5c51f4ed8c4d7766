import { join } from 'node:path';
import { apply } from '../../lib/engine';
import { makeAll, opened, PATTERNS } from './crash-patterns';
import { describeHost, host } from './host';
import { Deployment } from './synth';

describeHost('an apply of services that crash in every way', () => {
  let deployment: Deployment;
  let errors: ReadonlyMap<string, string | undefined>;

  beforeAll(async () => {
    deployment = new Deployment('crash-patterns', makeAll, { settleTime: '6s' });
    const asset = (sha256: string) => join(deployment.directory, 'assets', sha256);
    const result = await apply(host(), { manifests: deployment.manifests.map(opened), remove: [] }, { asset });
    errors = new Map([...result].map(([name, error]) => [name, error?.message]));
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
  });

  test('there are more than 100 of them', () => {
    expect(PATTERNS.size).toBeGreaterThan(100);
  });

  test.each([...PATTERNS])('%s', (name, { starts }) => {
    const error = errors.get(name.split(':')[0] ?? name);
    if (starts) expect(error).toBeUndefined();
    else expect(error).toMatch(/^Cannot start cp-\d+\.service on /);
  });

  test('each error says how it ended', () => {
    const said = (pattern: string) => {
      const [name = ''] = [...PATTERNS.keys()].filter((key) => key.endsWith(`: ${pattern}`));
      return errors.get(name.split(':')[0] ?? name)?.split('\n')[0];
    };
    expect(said('exit 3 after 2 s')).toContain('it ended with exit code 3, expected it to stay up');
    expect(said('SIGSEGV after 0.2 s')).toContain('it was killed by SIGSEGV');
    expect(said('exit 0 after 1 s')).toContain('it ended with exit code 0, expected it to stay up');
    expect(said('exit 1 after 0.2 s, restarted on failure')).toMatch(
      /ended with exit code 1 and was started again \d+ times/,
    );
  });
});
