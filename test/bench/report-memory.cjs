// Preloaded into a measured program: says at its end how much memory it took at most.
const { writeSync } = require('node:fs');

process.on('exit', () => writeSync(2, `\npeak-memory-kB=${process.resourceUsage().maxRSS}\n`));
