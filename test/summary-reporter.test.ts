interface Reporter {
  onRunComplete(contexts: unknown, results: object): void;
  getLastError(): Error | undefined;
}

const SummaryReporter = jest.requireActual<new (options: object) => Reporter>('./summary-reporter.cjs');

interface Told {
  readonly lines: readonly string[];
  readonly error: Error | undefined;
}

const testNamed = (status: string, title: string, ...ancestorTitles: readonly string[]) => ({
  status,
  title,
  ancestorTitles,
  fullName: [...ancestorTitles, title].join(' '),
});

/** What the reporter says at the end of a run in CI. */
function report(results: object, options: object = {}): Told {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { CI } = process.env;
  process.env.CI = 'true';
  try {
    const reporter = new SummaryReporter(options);
    reporter.onRunComplete(undefined, results);
    const lines = write.mock.calls.map(([text]) => String(text).trimEnd());
    return { lines, error: reporter.getLastError() };
  } finally {
    write.mockRestore();
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  }
}

const passed = { numFailingTests: 0, failureMessage: null, testResults: [testNamed('passed', 'works')] };
const totals = { numPassedTests: 1, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

test('ends with the totals', () => {
  expect(report({ ...totals, testResults: [passed] })).toEqual({
    lines: ['1 passed, 0 failed, 0 skipped'],
    error: undefined,
  });
});

test('counts a file that fails without a failing test', () => {
  const broken = { numFailingTests: 0, failureMessage: 'Cannot find module', testResults: [] };
  const failing = { numFailingTests: 2, failureMessage: 'expected', testResults: [] };
  const results = { ...totals, numFailedTests: 2, testResults: [passed, broken, failing] };
  expect(report(results).lines).toEqual(['1 passed, 3 failed, 0 skipped']);
});

test('says once for each reason how many tests were skipped, which fails in CI', () => {
  const group = 'systemd (skipped: systemd-analyze is not installed)';
  const file = {
    ...passed,
    testResults: [
      testNamed('pending', 'a', group),
      testNamed('pending', 'b', group),
      testNamed('todo', 'later', 'some group'),
    ],
  };
  const { lines, error } = report({ ...totals, numPendingTests: 2, numTodoTests: 1, testResults: [file] });
  expect(lines).toEqual([`skipped: ${group} (2 tests)`, 'skipped: some group later', '1 passed, 0 failed, 3 skipped']);
  expect(error?.message).toBe(`skipped in CI: ${group}; some group later`);
});

test.each(['terraform is not installed', 'terraform init finds no kreuzwerker/docker >= 3.9, < 4'])(
  'excuses what is skipped because %s',
  (reason) => {
    const skipped = testNamed('pending', 'a', `the provider (skipped: ${reason})`);
    const results = { ...totals, numPendingTests: 1, testResults: [{ ...passed, testResults: [skipped] }] };
    expect(report(results).error).toBeUndefined();
  },
);

test('does not list what was not selected by name', () => {
  const results = {
    ...totals,
    numPendingTests: 1,
    testResults: [{ ...passed, testResults: [testNamed('pending', 'a')] }],
  };
  expect(report(results, { testNamePattern: 'b' })).toEqual({
    lines: ['1 passed, 0 failed, 1 skipped'],
    error: undefined,
  });
});
