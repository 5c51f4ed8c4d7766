import { Command, Option } from 'commander';
import { bundleRequest, examples, run, withBundleOptions, withOutputOptions, withSecretsOption } from './command';
import { renderMarkdown } from './render-markdown';
import { type PlanOptions, showPlan, withExitCodeOption } from './show-plan';

interface Options extends PlanOptions {
  readonly markdown?: boolean;
}

export function diffCommand(): Command {
  return withOutputOptions(withExitCodeOption(withSecretsOption(withBundleOptions(new Command('diff')))))
    .description('Show what apply would do, also as Markdown for a pull request')
    .addOption(
      new Option('--markdown', 'print GitHub-flavoured Markdown: a table, and every file that changes').conflicts(
        'json',
      ),
    )
    .addHelpText(
      'after',
      examples([
        ['bulkhead diff', 'the same as bulkhead plan'],
        ['bulkhead diff --markdown >> "$GITHUB_STEP_SUMMARY"', 'on the page of a CI run'],
        ["bulkhead diff '*' --markdown | gh pr comment --body-file -", 'as a comment on a pull request'],
      ]),
    )
    .action((stacks: string[], options: Options) =>
      run(options, (context) => {
        const request = bundleRequest(stacks, options);
        return options.markdown
          ? showPlan(request, options, context, renderMarkdown)
          : showPlan(request, options, context);
      }),
    );
}
