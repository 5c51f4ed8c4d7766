/** Ends a run by saying what was skipped and why, and with one line of totals. */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const skipped = new Set();
    for (const file of results.testResults) {
      for (const test of file.testResults) {
        if (test.status !== 'pending' && test.status !== 'todo') continue;
        skipped.add(test.ancestorTitles[0] ?? test.title);
      }
    }
    for (const title of skipped) process.stdout.write(`skipped: ${title}\n`);
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = results;
    const failed = numFailedTests || numFailedTestSuites;
    process.stdout.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`);
    if (process.env.CI && numPendingTests > 0) this.error = new Error('in CI nothing may be skipped');
  }

  getLastError() {
    return this.error;
  }
};
