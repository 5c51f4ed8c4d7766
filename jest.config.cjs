const shared = {
  rootDir: __dirname,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: { '^bulkhead$': '<rootDir>/lib/index.ts', '^bulkhead/lab$': '<rootDir>/lib/lab/index.ts' },
};
module.exports = {
  reporters: ['default', '<rootDir>/test/summary-reporter.cjs'],
  testSequencer: '<rootDir>/test/sequencer.cjs',
  // Much of the tests is waiting for other processes. Each worker of the host tests has a practice host of its own.
  maxWorkers: process.env.BULKHEAD_TEST_HOST ? 1 : 3,
  // Real hosts start and stop real services, and the machine may do other things, too.
  testTimeout: 120_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      globalSetup: '<rootDir>/test/setup.ts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/host/', '<rootDir>/test/terraform/'],
    },
    {
      ...shared,
      displayName: 'cdktn',
      // What is written against cdktf works with cdktn as well.
      moduleNameMapper: { ...shared.moduleNameMapper, '^cdktf(/.*)?$': 'cdktn$1' },
      testMatch: ['<rootDir>/test/{constructs,rendering}/**/*.test.ts'],
    },
    { ...shared, displayName: 'terraform', testMatch: ['<rootDir>/test/terraform/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'host',
      testMatch: ['<rootDir>/test/host/**/*.test.ts'],
      globalSetup: '<rootDir>/test/host/setup.ts',
      globalTeardown: '<rootDir>/test/host/teardown.ts',
    },
  ],
};
