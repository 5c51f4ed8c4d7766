import type { InstanceEngine } from '../../manifest';
import type { Kind } from '../kind';
import { type Answer, fieldsOf } from './answer';
import {
  askAbout,
  askEngine,
  hasEngine,
  programsOf,
  purposeOf,
  readAnswer,
  STOPPED,
  type Stopped,
} from './instance-request';

interface ActualPool {
  readonly driver: string;
  /** Directory on the host. Empty when the engine has chosen it. */
  readonly source: string;
}

/**
 * A storage pool for instances that all services share. It is kept while it contains something that no service of
 * Bulkhead made, or that a service has retained.
 */
export function instancePool(engine: InstanceEngine): Kind<ActualPool | Stopped> {
  return {
    name: `${engine.name}-pool`,
    programs: programsOf(engine),
    look: askAbout(engine, '/1.0/storage-pools/&'),
    read: (text) => readAnswer(text, (answer) => actualOf(engine, answer)),
    asMade: (_name, { spec }) => ({ driver: spec?.driver ?? '', source: '' }),
    // A pool of an earlier service is the same.
    isSame: (actual, { spec }) => actual === STOPPED || (actual.driver === spec?.driver && actual.source === ''),

    plan(_name, actual) {
      if (actual === undefined) return [{ phase: 'prepare', reason: 'is missing' }];
      return actual === STOPPED ? [{ phase: 'prepare', reason: `${engine.title} is not running` }] : [];
    },

    async act(phase, scope, changes, { signal }) {
      if (phase === 'delete' && !(await hasEngine(scope, engine))) return;
      for (const change of changes) {
        const purpose = purposeOf(engine, 'pool', change, phase === 'delete' ? 'remove' : 'make');
        const path = `/1.0/storage-pools/${change.name}`;
        const ask = { path, mayMiss: true, purpose, signal } as const;
        const there = await askEngine(scope, engine, { ...ask, method: 'GET' });
        if (phase === 'delete') {
          // LXD omits the list when it is empty.
          const users = (fieldsOf(there).used_by ?? []) as readonly unknown[];
          if (there && users.length === 0) await askEngine(scope, engine, { ...ask, method: 'DELETE' });
        } else if (!there) {
          const body = { name: change.name, driver: change.wanted?.spec?.driver, config: {} };
          const request = { ...ask, method: 'POST', path: '/1.0/storage-pools', body } as const;
          // Services are prepared side by side, so another service may have created the pool meanwhile.
          await askEngine(scope, engine, request).catch(async (error) => {
            if (!(await askEngine(scope, engine, { ...ask, method: 'GET' }))) throw error;
          });
        }
      }
    },
  };
}

function actualOf({ socket }: InstanceEngine, { name, driver, config }: Answer): ActualPool {
  const { source } = fieldsOf(config);
  const usual = socket.replace('unix.socket', `storage-pools/${name}`);
  return { driver: String(driver), source: source === usual || source === undefined ? '' : String(source) };
}
