import type { ObjectPart } from '../../manifest';
import type { Kind, Task } from '../kind';
import { fieldsOf } from './answer';
import { askAbout, askDocker, DOCKER, readAnswer, STOPPED, type Stopped } from './docker';
import { deleteFromDocker, purposeOf } from './docker-objects';

interface ActualNetwork {
  readonly driver: unknown;
  readonly internal: boolean;
  readonly subnet: string;
}

/**
 * A bridge network of docker. It can't be changed: its name follows from its settings, so other settings give another
 * name.
 */
export const dockerNetwork: Kind<ActualNetwork | Stopped> = {
  name: 'docker-network',
  programs: DOCKER,
  look: askAbout('/networks/$name'),
  read: (text) =>
    readAnswer(text, ({ Driver: driver, Internal, IPAM }) => {
      const [range] = fieldsOf(IPAM).Config as readonly unknown[];
      return { driver, internal: Internal === true, subnet: String(fieldsOf(range).Subnet ?? '') };
    }),
  asMade: (_name, object) => wantedOf(object),
  isSame: (actual) => actual === STOPPED,

  plan(_name, actual, object): Task[] {
    if (actual === undefined) return [{ phase: 'prepare', reason: 'is missing' }];
    if (actual === STOPPED) return [{ phase: 'prepare', reason: STOPPED }];
    const { driver, internal, subnet } = wantedOf(object);
    if (actual.driver === driver && actual.internal === internal && (subnet === '' || actual.subnet === subnet))
      return [];
    const reason = 'is another network';
    return [
      { phase: 'prepare', reason },
      { obstacle: 'docker has another network of that name', advice: 'remove that one, with the containers on it' },
    ];
  },

  async act(phase, scope, changes, { signal }) {
    if (phase === 'delete') return deleteFromDocker(scope, 'docker-network', changes, (name) => `/networks/${name}`);
    for (const change of changes) {
      const purpose = purposeOf('docker-network', change, 'make');
      const { name, wanted } = change;
      const there = await askDocker(scope, {
        method: 'GET',
        path: `/networks/${name}`,
        mayMiss: true,
        purpose,
        signal,
      });
      if (there || !wanted) continue;
      const { driver: Driver, internal: Internal, subnet } = wantedOf(wanted);
      const IPAM = subnet === '' ? {} : { IPAM: { Config: [{ Subnet: subnet }] } };
      const body = { Name: name, CheckDuplicate: true, Driver, Internal, ...IPAM };
      await askDocker(scope, { method: 'POST', path: '/networks/create', body, purpose, signal });
    }
  },
};

function wantedOf({ spec }: ObjectPart): ActualNetwork {
  return { driver: 'bridge', internal: spec?.internal === 'true', subnet: spec?.subnet ?? '' };
}
