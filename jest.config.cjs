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
  projects: [
    {
      ...shared,
      displayName: 'unit',
      globalSetup: '<rootDir>/test/setup.ts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/host/', '<rootDir>/test/terraform/'],
    },
    { ...shared, displayName: 'terraform', testMatch: ['<rootDir>/test/terraform/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'host',
      testMatch: ['<rootDir>/test/host/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/host/timeout.ts'],
      globalSetup: '<rootDir>/test/host/setup.ts',
      globalTeardown: '<rootDir>/test/host/teardown.ts',
    },
  ],
};
