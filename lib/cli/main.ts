#!/usr/bin/env node
import { Command } from 'commander';
import { adoptCommand } from './adopt-command';
import { applyCommand } from './apply-command';
import { examples } from './command';
import { completionCommand } from './completion-command';
import { destroyCommand } from './destroy-command';
import { diffCommand } from './diff-command';
import { execCommand, shellCommand } from './exec-command';
import { historyCommand } from './history-command';
import { initCommand } from './init-command';
import { labCommand } from './lab-command';
import { logsCommand } from './logs-command';
import { PACKAGE } from './package';
import { planCommand } from './plan-command';
import { restartCommand } from './restart-command';
import { rollbackCommand } from './rollback-command';
import { stateCommand } from './state-command';
import { statusCommand } from './status-command';

// Whoever reads our output may have enough of it, as in `bulkhead plan | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

void new Command('bulkhead')
  .description(
    'Plans and applies services on Linux hosts that you declare in TypeScript, without Terraform.\n' +
      'Run it in the directory with your cdktf.json.',
  )
  .version(PACKAGE.version, '--version')
  .enablePositionalOptions()
  // All commands have options. Without the word, the descriptions have room.
  .configureHelp({
    subcommandTerm: (command) => `${command.name()} ${command.usage().replace(/\[options\] ?/, '')}`.trimEnd(),
  })
  .showHelpAfterError('(see --help)')
  .addHelpText(
    'after',
    examples([
      ['bulkhead init hello', 'creates a project'],
      ['bulkhead lab up', 'starts a practice host'],
      ['bulkhead plan', 'shows the changes'],
      ['bulkhead apply', 'makes the changes, after asking'],
      ['bulkhead status', 'shows the services'],
      ['bulkhead logs -f web', 'follows the log of a service'],
      ['bulkhead rollback web', 'runs the previous version again'],
      ['bulkhead destroy', 'removes the services again'],
    ]),
  )
  .addCommand(initCommand())
  .addCommand(planCommand())
  .addCommand(diffCommand())
  .addCommand(applyCommand())
  .addCommand(adoptCommand())
  .addCommand(rollbackCommand())
  .addCommand(historyCommand())
  .addCommand(destroyCommand())
  .addCommand(statusCommand())
  .addCommand(logsCommand())
  .addCommand(restartCommand())
  .addCommand(execCommand())
  .addCommand(shellCommand())
  .addCommand(stateCommand())
  .addCommand(labCommand())
  .addCommand(completionCommand())
  .parseAsync();
