/** npm packages that bring the command of a library, in the versions that go with the library. */
const PACKAGES = {
  cdktf: ['cdktf-cli@0.21.0'],
  // It needs a newer Node than the library does.
  cdktn: ['cdktn-cli@0.24.0', `node-linux-${process.arch}@22`],
} as const;

export type CdkLibrary = keyof typeof PACKAGES;

/** Arguments of npx that run the command, from npm's cache or the registry. */
export function cdkArgv(library: CdkLibrary, args: readonly string[]): string[] {
  return ['--yes', ...PACKAGES[library].map((name) => `--package=${name}`), '--', library, ...args];
}
