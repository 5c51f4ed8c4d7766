#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { applyCommand } from './apply-command';
import { examples } from './command';
import { destroyCommand } from './destroy-command';
import { labCommand } from './lab-command';
import { planCommand } from './plan-command';
import { statusCommand } from './status-command';

const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
  version: string;
};

// Whoever reads our output may have enough of it, as in `bulkhead plan | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

void new Command('bulkhead')
  .description(
    'Services on Linux hosts, declared in TypeScript: plan and apply them without Terraform.\n' +
      'Run it where your cdktf.json is.',
  )
  .version(version, '--version')
  .enablePositionalOptions()
  .showHelpAfterError('(see --help)')
  .addHelpText(
    'after',
    examples([
      ['bulkhead lab up', 'a host to practise on'],
      ['bulkhead plan', 'what would be done'],
      ['bulkhead apply', 'does it, after asking'],
      ['bulkhead status', 'how the services are'],
      ['bulkhead destroy', 'removes them again'],
    ]),
  )
  .addCommand(planCommand())
  .addCommand(applyCommand())
  .addCommand(destroyCommand())
  .addCommand(statusCommand())
  .addCommand(labCommand())
  .parseAsync();
