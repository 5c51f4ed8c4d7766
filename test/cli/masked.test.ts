import type { HostPlan } from '../../lib/cli/host-plan';
import { masked } from '../../lib/cli/masked';
import { planDocument } from '../../lib/cli/plan-document';
import { renderMarkdown } from '../../lib/cli/render-markdown';
import { renderPlans } from '../../lib/cli/render-plan';
import { planService } from '../../lib/engine';
import type { FilePart } from '../../lib/manifest';
import { hostState, manifest, recorded, target } from './fixtures';

const OLD = 'hunter2';
const NEW = 'correct-horse';
const UNIT = '/etc/systemd/system/web.service';

interface Case {
  readonly path: string;
  readonly mode?: string;
  /** Makes the text of the file of a secret. */
  readonly text: (secret: string) => string;
}

/** A plan of a service that has a file with another secret. */
function planOf({ path, mode = '0644', text }: Case): HostPlan {
  const file = (secret: string): FilePart => ({ content: text(secret), mode, owner: 'root', group: 'root' });
  const before = manifest('web', { files: { [path]: file(OLD) } });
  const { content = '', ...access } = file(OLD);
  const state = hostState({
    records: recorded(before),
    files: new Map([[path, { type: 'file', content: Buffer.from(content), ...access }]]),
  });
  const services = [planService(state, { ...before, files: { [path]: file(NEW) } })];
  return { target: target(), state, services };
}

const plain = { style: (_: unknown, text: string) => text };
const shown = (plans: readonly HostPlan[]) =>
  [...renderPlans(plans, plain), ...renderMarkdown(plans), JSON.stringify(planDocument(plans))].join('\n');

const unit = (lines: string) => `[Service]\nExecStart=/bin/app\n${lines}\n`;

describe.each<[string, Case]>([
  ['a file that others may not read', { path: '/etc/app.env', mode: '0640', text: (value) => `x ${value}\n` }],
  ['a variable of a unit', { path: UNIT, mode: '0600', text: (value) => unit(`Environment=COLOUR=${value}`) }],
  ['a variable that looks secret', { path: UNIT, text: (value) => unit(`Environment=DB_PASSWORD=${value}`) }],
  ['an argument that looks secret', { path: UNIT, text: (value) => unit(`ExecStop=/bin/app --token ${value}`) }],
  ['a credential', { path: UNIT, mode: '0600', text: (value) => unit(`SetCredential=db:${value}`) }],
  ['a key of a file', { path: '/etc/app.yaml', text: (value) => `port: 80\npassword: ${value}\n` }],
  ['a password of a URL', { path: '/etc/app.yaml', text: (value) => `db: postgres://shop:${value}@db/shop\n` }],
  [
    'a private key',
    { path: '/etc/app.pem', text: (value) => `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----\n` },
  ],
])('%s', (_, of) => {
  const plans = [planOf(of)];

  test('is in no text, markdown or JSON of a plan', () => {
    const text = shown(masked(plans));
    expect(text).not.toContain(OLD);
    expect(text).not.toContain(NEW);
    expect(text).toContain(of.path);
  });

  test('is there with --show-secrets', () => {
    expect(shown(plans)).toContain(NEW);
  });
});

test('what is hidden is still named, and the rest of a closed unit is shown', () => {
  const text = (value: string) => unit(`Environment=COLOUR=${value}\nMemoryMax=${value.length}M`);
  const shownText = renderPlans(masked([planOf({ path: UNIT, mode: '0600', text })]), plain).join('\n');
  expect(shownText).toContain('Service.Environment COLOUR=*** -> COLOUR=***');
  expect(shownText).toContain('Service.MemoryMax 7M -> 13M');
});

test('which credential a unit loads is shown', () => {
  const text = (value: string) => unit(`LoadCredential=${value}:/var/lib/bulkhead-secrets/values/web/${value}`);
  expect(shown(masked([planOf({ path: UNIT, text })]))).toContain(`LoadCredential ${OLD}:/var/lib`);
});

test('what is applied is not changed by hiding it', () => {
  const plan = planOf({ path: '/etc/app.env', mode: '0600', text: (value) => value });
  masked([plan]);
  expect(plan.error === undefined && plan.services[0]?.desired?.files['/etc/app.env']?.content).toBe(NEW);
});
