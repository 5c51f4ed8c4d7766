import { readWhole } from '../../archives';
import type { InstanceEngine } from '../../manifest';
import type { Change, Kind, Tools } from '../kind';
import { IMAGES_DIR } from '../paths';
import { run } from '../run';
import type { Scope } from '../scope';
import { fieldsOf } from './answer';
import {
  answered,
  askEngine,
  hasEngine,
  programsOf,
  purposeOf,
  STOPPED,
  type Stopped,
  starting,
} from './instance-request';
import { sendArchive } from './send-archive';

/** The property of an image with the root that it was made from. */
const PROPERTY = 'bulkhead';

/** An existing image, by the engine's own name: the SHA-256 of its archive. */
type Fingerprint = string;

/**
 * Prints the name and the fingerprint of each image of Bulkhead. For all other images, it prints the fingerprint as the
 * name. One request covers all images.
 */
const look = ({ unit, socket }: InstanceEngine) => `
if ! systemctl is-active --quiet ${unit}; then sed 's/$/\\t/'; exit 0; fi
curl -sf --globoff --unix-socket ${socket} 'http://engine/1.0/images?recursion=1' | sed 's/{"auto_update"/\\n&/g' |
  sed -n -e 's/.*"properties":{[^{}]*"${PROPERTY}":"\\([0-9a-f]\\{64\\}\\)"[^{}]*}.*"fingerprint":"\\([0-9a-f]\\{64\\}\\)".*/\\1\\t\\2/p; t' \\
    -e 's/.*"fingerprint":"\\([0-9a-f]\\{64\\}\\)".*/\\1\\t\\1/p'`;

/** Shell lines that send the engine an image from standard input, unless it has another fingerprint. */
const load = ({ header }: InstanceEngine) => `ask POST http://engine/1.0/images \\
  --header 'Content-Type: application/octet-stream' --header 'Expect:' --header "${header}-fingerprint: $1" --upload-file -`;

const loadScript = (engine: InstanceEngine) => `set -eu
${starting(engine)}
finish "$(${load(engine)})"`;

/**
 * Makes an image from a root on the host: the same root gives the same bytes. The image is packed twice, so that a
 * truncated archive is not taken for a complete one. Argument: the name of the root.
 */
const makeScript = (engine: InstanceEngine) => `
${starting(engine)}
root=$1 work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'architecture: %s\\ncreation_date: 1\\nproperties:\\n  ${PROPERTY}: "%s"\\n' "$(uname -m)" "$root" > "$work/metadata.yaml"
touch -d @1 "$work/metadata.yaml"
pack() {
  tar -c -f - --sort=name --numeric-owner --format=posix --pax-option='exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime' \\
    --xattrs --xattrs-include=security.capability --xattrs-include='user.*' --transform='s|^root|rootfs|S' \\
    -C "$work" metadata.yaml -C "${IMAGES_DIR}/$root" root || : > "$work/failed"
}
set -- "$(pack | sha256sum | cut -d ' ' -f 1)"
[ ! -e "$work/failed" ]
finish "$(pack | ${load(engine)})"`;

/** An image of an engine, made from the root of an image or sent unchanged. Services share it. */
export function instanceImage(engine: InstanceEngine): Kind<Fingerprint | Stopped> {
  return {
    name: `${engine.name}-image`,
    programs: programsOf(engine),
    look: look(engine),
    read: (text) => (text === '' ? STOPPED : text),
    asMade: () => '',
    isSame: (actual) => actual === STOPPED,

    plan(_name, actual) {
      if (actual === undefined) return [{ phase: 'load', reason: 'is missing' }];
      return actual === STOPPED ? [{ phase: 'load', reason: `${engine.title} is not running` }] : [];
    },

    async act(phase, scope, changes, tools) {
      if (phase === 'delete' && !(await hasEngine(scope, engine))) return;
      for (const change of changes) {
        if (phase === 'load') await bring(scope, engine, change, tools);
        else await remove(scope, engine, change);
      }
    },
  };
}

async function bring(scope: Scope, engine: InstanceEngine, change: Change, { asset, signal }: Tools): Promise<void> {
  const { name, wanted } = change;
  const purpose = purposeOf(engine, 'image', change, 'load');
  if (!wanted || (await fingerprintOf(scope, engine, change))) return;
  const options = signal ? { signal } : {};
  const archive = wanted.asset;
  const { stdout } =
    archive === undefined
      ? await run(scope, ['sh', '-euc', makeScript(engine), 'sh', name], purpose, options)
      : await sendArchive(scope, {
          script: loadScript(engine),
          args: [archive],
          archive: () => readWhole(asset(archive), archive),
          purpose,
          signal,
        });
  answered(scope, engine, stdout.toString(), purpose);
}

async function remove(scope: Scope, engine: InstanceEngine, change: Change): Promise<void> {
  const fingerprint = await fingerprintOf(scope, engine, change);
  const purpose = purposeOf(engine, 'image', change, 'remove');
  const path = `/1.0/images/${fingerprint}`;
  if (fingerprint) await askEngine(scope, engine, { method: 'DELETE', path, mayMiss: true, purpose });
}

/** The engine's own name of an image. Undefined when it is missing. @throws ApplyError */
export async function fingerprintOf(
  scope: Scope,
  engine: InstanceEngine,
  { name, service }: Pick<Change, 'name' | 'service'>,
): Promise<string | undefined> {
  const purpose = purposeOf(engine, 'image', { name, service }, 'find');
  const images = await askEngine(scope, engine, { method: 'GET', path: '/1.0/images?recursion=1', purpose });
  const found = (Array.isArray(images) ? images : []).find(
    (image) => fieldsOf(fieldsOf(image).properties)[PROPERTY] === name || fieldsOf(image).fingerprint === name,
  );
  return found && String(fieldsOf(found).fingerprint);
}
