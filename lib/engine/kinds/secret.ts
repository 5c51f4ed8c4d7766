import { type ObjectPart, objectKey } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Kind, Task, Tools } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import {
  COPY_SCRIPT,
  DELETE_SCRIPT,
  GENERATE_SCRIPT,
  GENERATED_LOOK,
  PLACE_SCRIPT,
  SECRETS_LOOK,
} from './secret-scripts';

/** What the look tells about a secret. It reveals nothing about the value. */
interface ActualSecret {
  readonly owner: string;
  readonly mode: string;
  /** Whether the file is unchanged since Bulkhead wrote it. */
  readonly intact: boolean;
  readonly encrypted: boolean;
  /** Whether it has the wanted value. Undefined: the look did not get the value. */
  readonly same?: boolean;
}

/** The secret of one service: a file that only the user of the service can read. */
export const secret: Kind<ActualSecret> = {
  name: 'secret',
  programs: {},
  look: SECRETS_LOOK,

  ask: ({ spec = {} }, value) =>
    spec.source === 'generated' ? `-${spec.from}` : value && Buffer.from(value).toString('base64'),

  read(text) {
    const [owner = '', mode = '', intact, encrypted, same] = text.split(' ');
    const known = { intact: intact === 'yes', encrypted: encrypted === 'yes' };
    return { owner, mode, ...known, ...(same && { same: same === 'yes' }) };
  },

  asMade(_name, { spec = {} }) {
    const { owner = '', mode = '', encrypted }: Readonly<Record<string, string>> = spec;
    return { owner, mode, intact: true, encrypted: encrypted === 'true' };
  },

  plan(_name, actual, { spec = {} }): Task[] {
    const reason = difference(actual, spec);
    if (reason !== undefined) return [{ phase: 'load', reason }];
    return actual?.same === false ? [{ phase: 'load', reason: 'has another value', isNewInput: true }] : [];
  },

  async act(phase, scope, changes, { value, signal }) {
    if (phase === 'delete') {
      const paths = changes.flatMap(({ name }) => [`values/${name}`, `digests/${name}`]);
      const purpose = { action: `remove secret ${changes.map(({ name }) => name).join(', ')}` };
      await run(scope, ['sh', '-c', DELETE_SCRIPT, 'sh', ...paths], purpose, { ...(signal && { signal }) });
      return;
    }
    for (const change of changes) await place(scope, change, { value, signal });
  },
};

async function place(
  scope: Scope,
  { name, wanted, service }: Change,
  { value, signal }: Pick<Tools, 'value' | 'signal'>,
): Promise<void> {
  const { source, from = '', owner = '', mode = '', encrypted = '' } = wanted?.spec ?? {};
  const purpose = { service, action: `write secret ${name}` };
  const isGenerated = source === 'generated';
  const input = isGenerated ? new Uint8Array() : value(objectKey('secret', name));
  if (!input) throw new ApplyError({ host: scope.address, ...purpose, problem: 'its value is not known' });
  const words = [name, owner, mode, isGenerated ? from : '', encrypted];
  await run(scope, ['sh', '-c', PLACE_SCRIPT, 'sh', ...words], purpose, { input, ...(signal && { signal }) });
}

function difference(actual: ActualSecret | undefined, spec: Readonly<Record<string, string>>): string | undefined {
  if (!actual) return 'is missing';
  if (!actual.intact) return 'was changed on the host';
  if (actual.owner !== spec.owner) return `belongs to ${actual.owner}, expected ${spec.owner}`;
  if (actual.mode !== spec.mode) return `has mode ${actual.mode}, expected ${spec.mode}`;
  if (actual.encrypted !== (spec.encrypted === 'true')) return actual.encrypted ? 'is encrypted' : 'is not encrypted';
  return undefined;
}

/** A secret that the host generated and that never leaves it. Each service has a copy. */
export const generatedSecret: Kind<true> = {
  name: 'generated-secret',
  programs: {},
  look: GENERATED_LOOK,
  read: () => true,
  asMade: () => true,
  plan: (_name, actual) => (actual ? [] : [{ phase: 'load', reason: 'is missing' }]),

  renamed(before, after) {
    return Object.entries(before.objects).flatMap(([key, object]) => {
      const [from, to] = [generatedFor(object), generatedFor(after.objects[key])];
      if (from === undefined || to === undefined || from === to) return [];
      return [
        {
          from: objectKey('generated-secret', from),
          to: objectKey('generated-secret', to),
          users: { [key]: { ...object, spec: { ...object.spec, from: to } } },
          copy: ['sh', '-c', COPY_SCRIPT, 'sh', from, to],
        },
      ];
    });
  },

  async act(phase, scope, changes, { signal }) {
    const options = { ...(signal && { signal }) };
    if (phase === 'delete') {
      const paths = changes.map(({ name }) => `generated/${name}`);
      const purpose = { action: `remove generated secret ${changes.map(({ name }) => name).join(', ')}` };
      await run(scope, ['sh', '-c', DELETE_SCRIPT, 'sh', ...paths], purpose, options);
      return;
    }
    for (const { name, wanted, service } of changes) {
      const words = [name, wanted?.spec?.length ?? ''];
      const purpose = { service, action: `generate secret ${name}` };
      await run(scope, ['sh', '-c', GENERATE_SCRIPT, 'sh', ...words], purpose, options);
    }
  },
};

/** Name of the generated secret that a secret of a service has its value from. */
function generatedFor({ spec = {} }: ObjectPart = {}): string | undefined {
  return spec.source === 'generated' ? spec.from : undefined;
}
