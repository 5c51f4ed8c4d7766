#!/usr/bin/env node
import { Command } from 'commander';
import { adoptCommand } from './adopt-command';
import { applyCommand } from './apply-command';
import { examples } from './command';
import { completionCommand } from './completion-command';
import { destroyCommand } from './destroy-command';
import { diffCommand } from './diff-command';
import { initCommand } from './init-command';
import { labCommand } from './lab-command';
import { logsCommand } from './logs-command';
import { PACKAGE } from './package';
import { planCommand } from './plan-command';
import { statusCommand } from './status-command';

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
  .version(PACKAGE.version, '--version')
  .enablePositionalOptions()
  .showHelpAfterError('(see --help)')
  .addHelpText(
    'after',
    examples([
      ['bulkhead init hello', 'a project to begin with'],
      ['bulkhead lab up', 'a host to practise on'],
      ['bulkhead plan', 'what would be done'],
      ['bulkhead apply', 'does it, after asking'],
      ['bulkhead status', 'how the services are'],
      ['bulkhead logs -f web', 'what one of them prints'],
      ['bulkhead destroy', 'removes them again'],
    ]),
  )
  .addCommand(initCommand())
  .addCommand(planCommand())
  .addCommand(diffCommand())
  .addCommand(applyCommand())
  .addCommand(adoptCommand())
  .addCommand(destroyCommand())
  .addCommand(statusCommand())
  .addCommand(logsCommand())
  .addCommand(labCommand())
  .addCommand(completionCommand())
  .parseAsync();
