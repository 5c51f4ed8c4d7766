import type * as Log from '../../lib/provider/log';

/** What one line of each level leaves on stderr in this environment. */
function logged(env: NodeJS.ProcessEnv): string[] {
  const before = process.env;
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  process.env = env;
  jest.isolateModules(() => {
    const { log } = jest.requireActual<typeof Log>('../../lib/provider/log');
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) log(level, 'said', { level });
  });
  process.env = before;
  const lines = write.mock.calls.map(([line]) => String(line));
  write.mockRestore();
  return lines;
}
const levels = (env: NodeJS.ProcessEnv) => logged(env).map((line) => JSON.parse(line).level);

describe('log', () => {
  test('is silent unless Terraform logs', () => {
    expect(levels({})).toEqual([]);
    expect(levels({ TF_LOG: 'off' })).toEqual([]);
  });

  test('says what Terraform wants to hear', () => {
    expect(levels({ TF_LOG: 'WARN' })).toEqual(['warn', 'error']);
    expect(levels({ TF_LOG: 'trace', TF_LOG_PROVIDER: 'error' })).toEqual(['error']);
    expect(levels({ TF_LOG: 'json' })).toHaveLength(5);
  });

  test('has lines that Terraform can parse', () => {
    const [line = ''] = logged({ TF_LOG: 'error' });
    expect(line).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(line)).toEqual({
      '@level': 'error',
      '@message': 'said',
      '@module': 'provider.bulkhead',
      '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      level: 'error',
    });
  });
});
