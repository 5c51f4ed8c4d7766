/** Ends a run by saying what was skipped and why, and with one line of totals. */
module.exports = class SummaryReporter {
  constructor({ testNamePattern }) {
    this.isFiltered = Boolean(testNamePattern);
  }

  onRunComplete(_contexts, results) {
    const skipped = this.isFiltered ? new Map() : skippedIn(results);
    for (const [title, tests] of skipped) {
      process.stdout.write(`skipped: ${title}${tests > 1 ? ` (${tests} tests)` : ''}\n`);
    }
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = results;
    // A file may fail though none of its tests did: it can't be read, or what it does afterwards fails.
    const files = results.testResults.filter((file) => file.numFailingTests === 0 && file.failureMessage).length;
    const totals = [
      `${numPassedTests} passed`,
      `${numFailedTests + files} failed`,
      `${numPendingTests + numTodoTests} skipped`,
    ];
    process.stdout.write(`${totals.join(', ')}\n`);
    const unexcused = [...skipped.keys()].filter((title) => !isExcused(title));
    if (process.env.CI && unexcused.length > 0) this.error = new Error(`skipped in CI: ${unexcused.join('; ')}`);
  }

  getLastError() {
    return this.error;
  }
};

/** How many tests were skipped, by the title that says why: that of the test, or of a group that it is in. */
function skippedIn({ testResults }) {
  const skipped = new Map();
  for (const { ancestorTitles, title, fullName, status } of testResults.flatMap((file) => file.testResults)) {
    if (status !== 'pending' && status !== 'todo') continue;
    const why = [...ancestorTitles, title].find((each) => reasonIn(each)) ?? fullName;
    skipped.set(why, (skipped.get(why) ?? 0) + 1);
  }
  return skipped;
}

function reasonIn(title) {
  return title.match(/\(skipped: (.*)\)/)?.[1];
}

/** What can't be had everywhere: Terraform, without which `bulkhead apply` does the work, and its docker provider. */
function isExcused(title) {
  return /^terraform (is not installed|init finds no kreuzwerker\/docker )/i.test(reasonIn(title) ?? '');
}
