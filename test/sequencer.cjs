const { existsSync } = require('node:fs');
const { join } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/** Test files that take minutes, the longest first: what starts last and takes long keeps the other workers idle. */
const LONGEST = [
  'host/examples',
  'host/drift',
  'host/rollback',
  'host/deploys',
  'host/cut-off-commands',
  'host/cli',
  'host/web-app',
  'host/terraform',
  'host/secrets',
  'host/rollback-kinds',
  'host/rollback-with',
  'host/rootless',
  'host/hostile',
  'host/engineless',
  'host/hosts',
  'host/limits',
  'host/kinds',
  'host/health',
  'host/move',
  'host/day-two',
  'host/terraform-trouble',
  'host/archives',
  'host/podman',
  'host/quickstart',
  'host/composition',
  'host/virtual-machine',
  'host/lab',
  'host/lab-packages',
].map((name) => join(__dirname, `${name}.test.ts`));

for (const path of LONGEST) if (!existsSync(path)) throw new Error(`Cannot put "${path}" first: it does not exist`);

/** Sorts as Jest does, by durations of earlier runs or else by size, but with the longest files first in any case. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
