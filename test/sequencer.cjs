const { existsSync } = require('node:fs');
const { join } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/** Test files that take minutes, the longest first: what starts last and takes long keeps the other workers idle. */
const LONGEST = [
  'host/examples',
  'host/drift',
  'host/rollback',
  'host/deploys',
  'host/move',
  'host/kinds',
  'host/terraform',
  'host/health',
  'host/terraform-trouble',
  'host/secrets',
  'host/podman',
  'host/rootless',
  'host/quickstart',
  'host/lab',
  'host/lab-packages',
  'host/hosts',
  'host/composition',
  'host/cli',
  'host/hostile',
].map((name) => join(__dirname, `${name}.test.ts`));

for (const path of LONGEST) if (!existsSync(path)) throw new Error(`Cannot put "${path}" first: it does not exist`);

/** Sorts as Jest does, by durations of earlier runs or else by size, but with the longest files first in any case. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
