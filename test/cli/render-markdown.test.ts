import { renderMarkdown } from '../../lib/cli/render-markdown';
import { API_BEFORE, API_UNIT, apiUpdated, filePart, hostPlan, manifest, servicePlan, target } from './fixtures';

const created = servicePlan('motd', {
  action: 'create',
  steps: [{ verb: 'write', kind: 'files', key: '/etc/motd', reason: 'is missing' }],
  desired: manifest('motd', { files: { '/etc/motd': filePart('Good morning\n') } }),
});

test('a plan is a table of what changes and why, and below it how the files do', () => {
  expect(renderMarkdown([hostPlan([apiUpdated, created, servicePlan('idle')], { files: API_BEFORE })])).toEqual([
    '### Bulkhead: 2 of 3 to change: 1 to create, 1 to restart.',
    '',
    '|  | Service | Host | Action | What will happen | Why |',
    '| --- | --- | --- | --- | --- | --- |',
    `| \`~\` | \`api\` | \`shop on ssh://root@192.0.2.10\` | restart | write 1 file, restart | \`api.service\`: \`Service.Environment LOG=info -> LOG=debug\` |`,
    '| `+` | `motd` | `shop on ssh://root@192.0.2.10` | create | write 1 file | is new |',
    '',
    '<details>',
    '<summary><code>api</code> on <code>ssh://root&#64;192.0.2.10</code>: write 1 file, restart</summary>',
    '',
    `- write \`${API_UNIT}\`: differs in Service.Environment`,
    '',
    '```diff',
    '-Environment=LOG=info',
    '+Environment=LOG=debug',
    '```',
    '',
    `- restart \`api.service\`: ${API_UNIT} changes`,
    '',
    '</details>',
    '',
    '<details>',
    '<summary><code>motd</code> on <code>ssh://root&#64;192.0.2.10</code>: write 1 file</summary>',
    '',
    '- write `/etc/motd`: is missing',
    '',
    '```diff',
    '+Good morning',
    '```',
    '',
    '',
    '</details>',
    '',
  ]);
});

test('a plan without changes is one line', () => {
  expect(renderMarkdown([hostPlan([servicePlan('a')])])).toEqual(['### Bulkhead: No changes: 1 service matches.', '']);
});

test('a host that could not be planned shows why, whatever its error says', () => {
  const error = { message: 'Cannot reach "ssh://b" (at shop/b)', detail: '```\n# hello', advice: 'start it' };
  const lines = renderMarkdown([{ target: target({ path: 'shop/b', address: 'ssh://b' }), error }]);
  expect(lines).toEqual([
    '### Bulkhead: 1 host could not be planned.',
    '',
    'Not planned: `shop` on `ssh://b`',
    '````text',
    'Cannot reach "ssh://b" (at shop/b)',
    '```',
    '# hello',
    '  do: start it',
    '````',
    '',
  ]);
});

test('what stands in the way is the reason, and the way out is below', () => {
  const obstacle = { at: ['name'], action: 'create web', problem: 'it is taken', advice: 'rename it' };
  const lines = renderMarkdown([hostPlan([{ ...created, obstacles: [obstacle] }])]);
  expect(lines[4]).toContain("can't be applied | Cannot create web: it is taken `(at shop/host/motd)` |");
  expect(lines).toContain('- do: rename it');
});

test('many reasons and long differences are cut, and say how much is missing', () => {
  const paths = Array.from({ length: 5 }, (_, i) => `/etc/${i}`);
  const steps = paths.map((key) => ({ verb: 'write', kind: 'files', key, reason: 'is missing' }) as const);
  const content = Array.from({ length: 201 }, (_, i) => `line ${i}\n`).join('');
  const desired = manifest('api', { files: Object.fromEntries(paths.map((path) => [path, filePart(content)])) });
  const lines = renderMarkdown([hostPlan([servicePlan('api', { action: 'repair', steps, desired })])]);
  expect(lines[4]).toMatch(/\/etc\/2` is missing<br>and 2 more reasons \|$/);
  expect(lines.filter((line) => line === '... and 1 more line')).toHaveLength(5);
});

test('hostile names, reasons and contents stay in their cells and fences', () => {
  const evil = 'x|y`z\\|<img src=a>\n| a | b |\n```\n</details>@all';
  const steps = [{ verb: 'write', kind: 'files', key: evil, reason: evil }] as const;
  const desired = manifest('x', { files: { [evil]: filePart(evil) } });
  const lines = renderMarkdown([hostPlan([servicePlan(evil, { action: 'update', steps, desired })])]);
  const [fence = ''] = lines.filter((line) => line.endsWith('diff'));
  const begin = lines.indexOf(fence);
  const end = lines.indexOf(fence.replace('diff', ''));
  const outside = [...lines.slice(0, begin), ...lines.slice(end)];
  for (const line of outside) expect(line).not.toMatch(/<img|\n|@all/);
  expect(outside.filter((line) => line.includes('</details>'))).toEqual(['</details>']);
  expect(outside.filter((line) => line.includes('|')).map((line) => line.split('|').length)).toEqual([8, 8, 8]);
});
