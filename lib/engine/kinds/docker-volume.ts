import type { Kind, Task } from '../kind';
import { fieldsOf } from './answer';
import { askAbout, askDocker, DOCKER, readAnswer, STOPPED, type Stopped } from './docker';
import { deleteFromDocker, purposeOf } from './docker-objects';
import { isSame } from './docker-same';

interface ActualVolume {
  readonly driver: unknown;
  readonly options: unknown;
}

/** A docker volume. Its source never changes, since that would leave its data behind. */
export const dockerVolume: Kind<ActualVolume | Stopped> = {
  name: 'docker-volume',
  programs: DOCKER,
  look: askAbout('/volumes/$name'),
  read: (text) => readAnswer(text, ({ Driver: driver, Options: options }) => ({ driver, options })),
  asMade: (_name, { spec }) => ({ driver: 'local', options: JSON.parse(spec?.options ?? '{}') }),
  isSame: (actual) => actual === STOPPED,
  holds: 'is in it',

  plan(_name, actual, { spec }): Task[] {
    if (actual === undefined) return [{ phase: 'prepare', reason: 'is missing' }];
    if (actual === STOPPED) return [{ phase: 'prepare', reason: STOPPED }];
    if (actual.driver === 'local' && isSame(JSON.parse(spec?.options ?? '{}'), actual.options)) return [];
    const obstacle = 'it is mounted from something else, expected what its `device`, `type` and `options` say';
    return [
      { phase: 'prepare', reason: 'is mounted from something else' },
      { obstacle, advice: 'give it another `name`, or remove it with all that is in it' },
    ];
  },

  async act(phase, scope, changes, { signal }) {
    if (phase === 'delete') return deleteFromDocker(scope, 'docker-volume', changes, (name) => `/volumes/${name}`);
    for (const change of changes) {
      const { options = '{}' } = fieldsOf(change.wanted?.spec) as { readonly options?: string };
      const body = { Name: change.name, Driver: 'local', DriverOpts: JSON.parse(options) };
      const purpose = purposeOf('docker-volume', change, 'make');
      await askDocker(scope, { method: 'POST', path: '/volumes/create', body, purpose, signal });
    }
  },
};
