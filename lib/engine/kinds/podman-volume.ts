import type { Kind } from '../kind';
import { listBy, PODMAN, removeFromPodman } from './podman';
import { type Content, contentDiffers, type Json, pairsIn, readContent, recordIn, textIn } from './podman-content';

/** A podman volume, which a Quadlet unit creates. */
export const podmanVolume: Kind<Content> = {
  name: 'podman-volume',
  programs: PODMAN,
  look: listBy('volume ls', '{{.Name}}\t{{json .}}'),
  read: (text) => readContent(text, contentOf),
  asMade: (_name, { spec = {} }) => spec,
  differs: contentDiffers,
  remedy: (name) =>
    `give it another \`name\`, or remove it with its data once nothing uses it: podman volume rm ${name}`,
  act: (_phase, scope, changes) => removeFromPodman(scope, 'volume', changes),
  holds: 'is in it',
};

function contentOf({ Driver, Options, Labels, UID, GID }: Json): Content {
  const { device, type, o } = recordIn(Options);
  // Quadlet adds the owner to the options. podman also shows the owner separately.
  const options = textIn(o)
    .split(',')
    .filter((option) => !/^[ug]id=/.test(option));
  return {
    driver: textIn(Driver),
    device: textIn(device),
    type: textIn(type),
    options: options.sort().join(','),
    user: textIn(UID ?? 0),
    group: textIn(GID ?? 0),
    labels: pairsIn(Labels),
  };
}
