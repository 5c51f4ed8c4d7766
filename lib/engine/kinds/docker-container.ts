import type { ObjectPart } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Kind, Task, Tools } from '../kind';
import type { Scope } from '../scope';
import { type Answer, fieldsOf } from './answer';
import { askAbout, askDocker, DOCKER, type DockerRequest, readAnswer, STOPPED, type Stopped } from './docker';
import { deleteFromDocker, purposeOf } from './docker-objects';
import { isSame } from './docker-same';
import { movedTagOf, TAG_OF_CONTAINER } from './docker-tags';

/** A container, as the Docker Engine API describes it. */
interface ActualContainer {
  readonly config: Answer;
  readonly hostConfig: Answer;
  /** Names of its networks. */
  readonly networks: readonly string[];
  readonly paused: boolean;
  /** How its image was pulled, and what the registry has now, if tags are checked. */
  readonly tag?: string;
}

/**
 * A docker container that its unit starts: the engine creates it, and starts nothing. Its name changes with its
 * definition, so a new container is created beside the old one.
 */
export const dockerContainer: Kind<ActualContainer | Stopped> = {
  name: 'docker-container',
  programs: DOCKER,
  look: TAG_OF_CONTAINER[0] + askAbout('/containers/$name/json', TAG_OF_CONTAINER[1]),
  read: (text) => readAnswer(text, (answer, tag) => ({ ...actualOf(answer), ...(tag === '' ? {} : { tag }) })),
  asMade: (_name, object) => {
    const { HostConfig, NetworkingConfig: _, ...config } = wantedOf(object);
    return { config, hostConfig: fieldsOf(HostConfig), networks: networksOf(wantedOf(object)), paused: false };
  },
  isSame: (actual) => actual === STOPPED,

  plan(_name, actual, wanted): Task[] {
    if (actual === undefined) return [{ phase: 'make', reason: 'is missing', impact: 're-create' }];
    if (actual === STOPPED) return [{ phase: 'make', reason: STOPPED }];
    const { fixed, limits } = differences(actual, wanted);
    if (fixed.length > 0) {
      return anew({ reason: `is another container: it differs in ${fixed.join(', ')}` });
    }
    if (limits.length > 0) return [{ phase: 'make', reason: `differs in ${limits.join(', ')}` }];
    const moved = movedTagOf(actual.tag ?? '');
    if (moved.length > 0) return moved.flatMap(anew);
    return actual.paused ? [{ phase: 'make', reason: 'is paused' }] : [];
  },

  async act(phase, scope, changes, tools) {
    // A container of the same name is replaced while the unit is stopped.
    if (phase !== 'make')
      return deleteFromDocker(scope, 'docker-container', changes, (name) => `/containers/${removal(name)}`);
    for (const change of changes) await make(scope, change, tools);
  },
};

/** Replaces a container, or says why that is not possible. */
function anew(task: Task | { readonly reason: string }): Task[] {
  if ('obstacle' in task) return [task];
  const { reason } = task;
  return [
    { phase: 'place', reason, impact: 're-create' },
    { phase: 'make', reason },
  ];
}

// Also removes anonymous volumes.
const removal = (name: string) => `${name}?force=1&v=1`;

function actualOf({ Config, HostConfig, NetworkSettings, State }: Answer): ActualContainer {
  return {
    config: fieldsOf(Config),
    hostConfig: fieldsOf(HostConfig),
    networks: Object.keys(fieldsOf(fieldsOf(NetworkSettings).Networks)),
    paused: fieldsOf(State).Paused === true,
  };
}

/** The request that creates a container. */
function wantedOf({ spec }: ObjectPart): Answer {
  const config = JSON.parse(spec?.config ?? '{}') as Answer;
  return { ...config, HostConfig: { ...fieldsOf(config.HostConfig), ...limitsOf(spec) } };
}

/** Names of the networks that a container is created on, in alphabetical order. */
function networksOf({ HostConfig, NetworkingConfig }: Answer): string[] {
  const endpoints = Object.keys(fieldsOf(fieldsOf(NetworkingConfig).EndpointsConfig));
  return endpoints.length > 0 ? endpoints.sort() : [String(fieldsOf(HostConfig).NetworkMode)];
}

const limitsOf = (spec: ObjectPart['spec']) => JSON.parse(spec?.limits ?? '{}') as Answer;

/** Keys in which a container differs: keys that need a new container, and keys that docker changes in place. */
function differences(
  { config, hostConfig, networks }: ActualContainer,
  wanted: ObjectPart,
): { readonly fixed: string[]; readonly limits: string[] } {
  const { HostConfig, NetworkingConfig: _, ...own } = wantedOf(wanted);
  const limits = limitsOf(wanted.spec);
  const differing = (some: Answer, actual: Answer, same: typeof isTaken) =>
    Object.keys(some).filter((key) => !same(key, some[key], actual[key]));
  const ofHost = differing(fieldsOf(HostConfig), hostConfig, isTaken);
  return {
    fixed: [
      ...differing(own, config, isTaken),
      ...ofHost.filter((key) => !(key in limits)).map((key) => `HostConfig.${key}`),
      ...(isSame(networksOf(wantedOf(wanted)), [...networks].sort()) ? [] : ['Networks']),
    ],
    limits: ofHost.filter((key) => key in limits).map((key) => `HostConfig.${key}`),
  };
}

function isTaken(key: string, wanted: unknown, actual: unknown): boolean {
  // An image adds its own variables.
  if (key === 'Env') return (wanted as readonly string[]).every((variable) => asList(actual).includes(variable));
  if (key === 'Labels')
    return Object.entries(fieldsOf(wanted)).every(([name, value]) => fieldsOf(actual)[name] === value);
  if (key === 'ExposedPorts') return Object.keys(fieldsOf(wanted)).every((port) => port in fieldsOf(actual));
  // A kernel that does not count swap can't limit it.
  return isSame(wanted, actual) || (key === 'MemorySwap' && actual === -1);
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Creates a missing container. An existing one is changed in place, and resumed if it was paused. */
async function make(scope: Scope, change: Change, { signal }: Tools): Promise<void> {
  const { name, wanted } = change;
  if (!wanted) return;
  const purpose = purposeOf('docker-container', change, 'make');
  const refusal = (problem: string) => new ApplyError({ host: scope.address, ...purpose, problem });
  const ask = (method: DockerRequest['method'], action: string, body?: object) =>
    askDocker(scope, { method, path: `/containers/${action}`, body, mayMiss: true, purpose, signal });
  const find = async () => {
    const answer = await ask('GET', `${name}/json`);
    return answer && actualOf(answer);
  };
  const there = await find();
  if (!there) {
    await ask('POST', `create?name=${name}`, wantedOf(wanted));
    const created = await find();
    const { fixed, limits } = created ? differences(created, wanted) : { fixed: ['all of it'], limits: [] };
    if (fixed.length + limits.length === 0) return;
    // The container has not started yet, so nothing is lost.
    await ask('DELETE', removal(name));
    throw refusal(`docker did not accept ${[...fixed, ...limits].join(', ')} as given`);
  }
  const { fixed, limits } = differences(there, wanted);
  if (fixed.length > 0) throw refusal(`docker has another container of that name: it differs in ${fixed.join(', ')}`);
  if (limits.length > 0) await ask('POST', `${name}/update`, limitsOf(wanted.spec));
  if (there.paused) await ask('POST', `${name}/unpause`);
}
