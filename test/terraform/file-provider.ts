import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { DiagnosticError } from '../../lib/provider/diagnostics';
import { servePlugin } from '../../lib/provider/handshake';
import { log } from '../../lib/provider/log';
import type { Context, Outcome, PlannedChange, Resource } from '../../lib/provider/resource';
import { UNKNOWN } from '../../lib/provider/unknown';

/** A small but real resource: a JSON file that holds what was applied. */
interface Config {
  readonly path: string;
  readonly content?: string;
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly tags?: readonly string[];
  readonly owner?: { readonly name: string; readonly admin?: boolean };
  readonly parts?: Readonly<Record<string, { readonly text: string; readonly note?: string; readonly size?: number }>>;
  readonly token?: string;
  /** What is to go wrong. */
  readonly trouble?: string;
}
interface Computed {
  readonly id: string;
  readonly digests: Readonly<Record<string, string>>;
}
type State = Config & Computed;

const file: Resource<Config, Computed> = {
  schema: {
    version: 1,
    description: 'A JSON file.',
    attributes: {
      id: { type: 'string', computed: true, description: 'The path.' },
      path: { type: 'string', required: true, requiresReplace: true, description: 'Where it lies.' },
      content: { type: 'string', optional: true, description: 'Some text.' },
      port: { type: 'number', optional: true, description: 'Some number.' },
      labels: { type: ['map', 'string'], optional: true, description: 'Some map.' },
      tags: { type: ['list', 'string'], optional: true, description: 'Some list.' },
      owner: {
        nesting: 'single',
        optional: true,
        description: 'Some object.',
        attributes: {
          name: { type: 'string', required: true, requiresReplace: true, description: 'Its name.' },
          admin: { type: 'bool', optional: true, description: 'Some bool.' },
        },
      },
      parts: {
        nesting: 'map',
        optional: true,
        description: 'Some objects.',
        attributes: {
          text: { type: 'string', required: true, description: 'Its text.' },
          note: { type: 'string', optional: true, sensitive: true, description: 'Something private.' },
          size: { type: 'number', computed: true, description: 'Length of the text.' },
        },
      },
      digests: { type: ['map', 'string'], computed: true, description: 'SHA-256 of each part.' },
      token: { type: 'string', optional: true, sensitive: true, writeOnly: true, description: 'Never kept.' },
      trouble: { type: 'string', optional: true, description: 'What is to go wrong.' },
    },
  },

  validate(config, context) {
    if (typeof config.path === 'string' && !config.path.startsWith('/'))
      context.error({ summary: `Cannot use "${config.path}": expected an absolute path`, path: ['path'] });
    if (typeof config.parts !== 'object') return;
    for (const [key, part] of Object.entries(config.parts)) {
      if (typeof part === 'object' && part.text === 'bad')
        context.error({
          summary: 'Cannot use a bad text',
          detail: 'Say something nice.',
          path: ['parts', key, 'text'],
        });
    }
  },

  async plan({ planned, prior, config }, context) {
    if (config.trouble === 'plan throws') throw new TypeError('plan went wrong');
    context.private = { plans: plansIn(context) + 1 };
    const known = Object.values(config.parts ?? {}).every((part) => typeof part === 'object' && part.text !== UNKNOWN);
    return {
      planned: {
        ...planned,
        id: prior && prior.path === planned.path ? prior.id : config.path,
        ...(known && typeof config.parts === 'object' ? { digests: digestsOf(config.parts as Config['parts']) } : {}),
      },
      requiresReplace: config.content === 'a new file' ? [['content']] : [],
    };
  },

  async read(state, context) {
    if (state.trouble === 'read throws') throw new Error('read went wrong');
    context.private ??= {};
    return existsSync(state.path) ? { ...JSON.parse(readFileSync(state.path, 'utf8')) } : undefined;
  },

  create: write,
  update: write,

  async delete(state) {
    if (state.trouble === 'delete fails') throw new DiagnosticError('Cannot delete it', { path: ['path'] });
    rmSync(state.path, { force: true });
  },

  async import(id) {
    if (!existsSync(id)) throw new DiagnosticError(`Cannot import "${id}": no such file`);
    return { path: id };
  },

  /** Version 0 called the content `text`. */
  upgrade: (_version, { text, ...state }) => ({ ...(state as unknown as State), content: String(text) }),
};

function plansIn(context: Context): number {
  return (context.private as { plans?: number } | undefined)?.plans ?? 0;
}

async function write(
  { config, planned }: PlannedChange<Config, Computed>,
  context: Context,
): Promise<Outcome<Config, Computed>> {
  await troubleOf(config, context);
  const parts = Object.fromEntries(
    Object.entries(planned.parts ?? {}).map(([key, part]) => [key, { ...part, size: part.text.length }]),
  );
  const computed = { id: planned.path, digests: digestsOf(planned.parts), ...(planned.parts ? { parts } : {}) };
  writeFileSync(planned.path, JSON.stringify({ ...planned, ...computed }));
  if (config.token) writeFileSync(`${planned.path}.token`, config.token);
  return computed;
}

async function troubleOf({ trouble, path }: Config, context: Context): Promise<void> {
  switch (trouble) {
    case 'throws':
      throw new RangeError('apply went wrong');
    case 'half made':
      return context.error({ summary: 'Only half of it was made', path: ['content'] });
    case 'warning':
      return context.warn({ summary: 'Mind the gap', path: ['content'] });
    case 'noise':
      return console.log('1|6|this is no handshake');
    case 'uncaught':
      setImmediate(() => {
        throw new Error('thrown where nobody catches');
      });
      return sleep(60_000);
    case 'waits':
      writeFileSync(`${path}.pid`, String(process.pid));
      return sleep(60_000, undefined, { signal: context.signal });
    case 'hangs':
      writeFileSync(`${path}.pid`, String(process.pid));
      return sleep(60_000);
  }
}

function digestsOf(parts: Config['parts']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts ?? {}).map(([key, { text }]) => [key, createHash('sha256').update(text).digest('hex')]),
  );
}

const { TEST_CLOSED } = process.env;
void servePlugin({
  load: async () => ({
    resources: { test_file: file },
    async close() {
      log('error', 'closing');
      await nextTurn();
      if (TEST_CLOSED) appendFileSync(TEST_CLOSED, `${process.pid}\n`);
    },
  }),
});
