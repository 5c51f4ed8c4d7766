import {
  ContainerdService,
  DockerService,
  type Host,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
  VirtualMachine,
} from 'bulkhead';
import { host } from './testing';

/** Every class that runs a program of an image. */
const CLASSES = [
  ContainerdService,
  DockerService,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
  VirtualMachine,
] as readonly (new (
  scope: Host,
  id: string,
  props: never,
) => unknown)[];

/** What a class says when it is given a prop, as by a program that no compiler has checked. */
function messageOf(type: (typeof CLASSES)[number], prop: string): string {
  try {
    new type(host(), 'web', { [prop]: 1 } as never);
  } catch (error) {
    return String(error);
  }
  throw new Error(`${type.name} takes ${prop}`);
}

const listed = (text = '') => text.split(', ').sort();

/** The props of each class, as it lists them itself. */
const KNOWN = new Map(
  CLASSES.map((type) => [
    type,
    listed(/ is not a prop, expected one of (.*) \(at /.exec(messageOf(type, 'unknown'))?.[1]),
  ]),
);
const ALL = [...new Set([...KNOWN.values()].flat())];
const classesWith = (prop: string) => CLASSES.filter((type) => KNOWN.get(type)?.includes(prop)).map(({ name }) => name);

test('classes that run a program of an image have props in common', () => {
  const common = ALL.filter((prop) => classesWith(prop).length === CLASSES.length);
  expect(common).toEqual(
    expect.arrayContaining([
      ...['address', 'command', 'cpu', 'dependsOn', 'environment', 'expose', 'health', 'image', 'memory', 'name'],
      ...['network', 'ports', 'reaches', 'readOnlyRoot', 'restart', 'stopTimeout', 'volumes'],
    ]),
  );
});

test.each(CLASSES.map((type) => [type.name, type] as const))(
  '%s names the classes that have a prop it lacks',
  (_, type) => {
    const lacked = ALL.filter((prop) => !KNOWN.get(type)?.includes(prop));
    expect(lacked.length).toBeGreaterThan(0);
    for (const prop of lacked) {
      const message = messageOf(type, prop);
      const [, others] = /(?:: only | on the kernel of the host: )([A-Z]\w+(?:, [A-Z]\w+)*)/.exec(message) ?? [];
      expect([prop, listed(others)]).toEqual([prop, classesWith(prop)]);
    }
  },
);
