import { dockerArchive, layersThere, openImageArchive } from '../../archives';
import { ApplyError } from '../errors';
import type { Change, Kind, Task, Tools } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import { askAbout, askDocker, DOCKER, readAnswer, STOPPED, type Stopped } from './docker';
import { deleteFromDocker, purposeOf } from './docker-objects';
import { movedTagOf, TAG_OF_IMAGE } from './docker-tags';
import { sendArchive } from './send-archive';

interface ActualImage {
  readonly id: string;
  /** How it was pulled, and what its registry has now, if tags are checked. */
  readonly tag?: string;
}

/** Prints the layers of each image that docker has, one image per line. */
const LAYERS = `
docker image ls --quiet --no-trunc | sort -u | xargs -r docker image inspect --format '{{json .RootFS.Layers}}' --`;

/** Pulls an image. Argument: its name. */
const PULL = 'systemctl start docker.service; exec docker image pull --quiet -- "$1"';

/** An image that docker has: loaded from an OCI archive, or pulled by its name. */
export const dockerImage: Kind<ActualImage | Stopped> = {
  name: 'docker-image',
  programs: DOCKER,
  look: TAG_OF_IMAGE[0] + askAbout('/images/$name/json', TAG_OF_IMAGE[1]),
  read: (text) =>
    readAnswer(text, ({ Id }, tag) => ({ id: String(Id).replace(/^sha256:/, ''), ...(tag === '' ? {} : { tag }) })),
  asMade: (_name, object) => ({ id: object.spec?.id ?? '' }),
  // A pulled image is the same for every service that pulls it.
  isSame: (actual, { spec }) => actual === STOPPED || spec?.id === undefined || actual.id === spec.id,

  plan(_name, actual, { spec }): Task[] {
    if (actual === undefined) return [{ phase: 'load', reason: 'is missing' }];
    if (actual === STOPPED) return [{ phase: 'load', reason: STOPPED }];
    if (spec?.id === undefined) return movedTagOf(actual.tag ?? '');
    if (actual.id === spec.id) return [];
    return [{ phase: 'load', reason: 'is another image' }];
  },

  async act(phase, scope, changes, tools) {
    if (phase === 'delete') return deleteFromDocker(scope, 'docker-image', changes, (name) => `/images/${name}`);
    for (const change of changes) await bring(scope, change, tools);
  },
};

async function bring(scope: Scope, change: Change, { asset, signal }: Tools): Promise<void> {
  const { name, wanted } = change;
  const purpose = purposeOf('docker-image', change, wanted?.asset ? 'load' : 'pull');
  const find = () => askDocker(scope, { method: 'GET', path: `/images/${name}/json`, mayMiss: true, purpose, signal });
  if (!wanted?.asset) {
    await run(scope, ['sh', '-euc', PULL, 'sh', name], purpose, signal ? { signal } : {});
    return;
  }
  const there = await find();
  const id = `sha256:${wanted.spec?.id}`;
  if (there?.Id === id) return;
  const file = asset(wanted.asset);
  const { stdout } = await run(scope, ['sh', '-euc', LAYERS], purpose);
  const layers = stdout.toString().split('\n').filter(Boolean);
  const of = layers.map((line) => JSON.parse(line) as readonly string[]);
  await sendArchive(scope, {
    script: 'exec docker image load --quiet',
    args: [],
    archive: () => {
      const image = openImageArchive(file);
      return dockerArchive(image, name, layersThere(image, of));
    },
    purpose: { ...purpose, service: change.service, at: purpose.at ?? [] },
    signal,
  });
  const loaded = await find();
  if (loaded?.Id === id) return;
  const problem = `docker has it as ${loaded?.Id ?? 'nothing'}, expected ${id}`;
  throw new ApplyError({
    host: scope.address,
    ...purpose,
    problem,
    advice: "turn docker's containerd image store off",
  });
}
