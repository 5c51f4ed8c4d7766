import { PACKAGE } from './package';
import type { Library } from './project-files';

type Table = Readonly<Record<string, string>>;

/** The part of a package.json that a project is about. */
export interface ProjectPackage {
  readonly private?: boolean;
  readonly scripts?: Table;
  readonly dependencies?: Table;
  readonly devDependencies?: Table;
}

/** What `npm init` writes where there is no test. */
const NO_TEST = /Error: no test specified/;

/** The package.json of a project: what it has already stays, what is missing is added. */
export function projectPackage(library: Library, existing: ProjectPackage = { private: true }): ProjectPackage {
  const { scripts = {}, dependencies = {}, devDependencies = {} } = existing;
  const installed = { ...dependencies, ...devDependencies };
  const isMissing = ([name]: readonly [string, string]) => !(name in installed);
  return {
    ...existing,
    scripts: { ...SCRIPTS, ...filter(scripts, ([, script]) => !NO_TEST.test(script)) },
    dependencies: { ...dependencies, ...filter(dependenciesFor(library), isMissing) },
    devDependencies: { ...devDependencies, ...filter(DEV_DEPENDENCIES, isMissing) },
  };
}

const SCRIPTS: Table = {
  synth: 'tsx main.ts',
  test: 'tsc && node --import tsx --test test/*.test.ts',
};

function dependenciesFor(library: Library): Table {
  return {
    bulkhead: `^${PACKAGE.version}`,
    ...pick(PACKAGE.peerDependencies, [library]),
    // A range of its own, since each library has another one: this is what Bulkhead is tested with beside both.
    ...pick(PACKAGE.devDependencies, ['constructs']),
  };
}

// Those that Bulkhead itself is built and tested with.
const DEV_DEPENDENCIES = pick(PACKAGE.devDependencies, ['@types/node', 'tsx', 'typescript']);

function pick(table: Table, names: readonly string[]): Table {
  return filter(table, ([name]) => names.includes(name));
}

function filter(table: Table, keep: (entry: readonly [string, string]) => boolean): Table {
  return Object.fromEntries(Object.entries(table).filter(keep));
}
