import fc from 'fast-check';
import type { QuadletFile } from '../../../lib/directives';
import * as hostile from './hostile';

const word = hostile.text.filter((text) => text !== '' && text !== ';');
const line = hostile.bare.filter((text) => text === text.trim() && text !== ';' && !/^"|"$/.test(text));
const variables = fc.dictionary(hostile.name, hostile.text, { minKeys: 1, maxKeys: 3 });
// Podman drops the CR of a CR and LF.
const environment = variables.map((values) =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.replace(/\r+\n/g, '\n')])),
);
/** Words that Quadlet takes out of quotes and unescapes nothing in. */
const quoted = hostile.line.filter((text) => text !== '');

/** Content of containers that holds, in keys of every way Quadlet reads them, what means something to some parser. */
export const containerSample = fc.record({
  Exec: fc.array(word, { minLength: 1, maxLength: 5 }),
  Environment: environment,
  Label: variables,
  Annotation: variables,
  HealthCmd: line,
  HostName: line,
  Volume: hostile.bare.map((text) => `/${text.replaceAll(':', '')}x:/y`),
  Tmpfs: line.map((text) => `/${text}`),
  Sysctl: quoted,
  PodmanArgs: fc.array(word, { minLength: 1, maxLength: 3 }),
  Mask: word,
  serviceEnvironment: variables,
});
export type ContainerSample = typeof containerSample extends fc.Arbitrary<infer T> ? T : never;

/** A sample with nothing special in it. */
export const PLAIN_CONTAINER: ContainerSample = {
  Exec: ['x'],
  Environment: { A: 'x' },
  Label: { A: 'x' },
  Annotation: { A: 'x' },
  HealthCmd: 'x',
  HostName: 'x',
  Volume: '/x:/y',
  Tmpfs: '/x',
  Sysctl: 'x',
  PodmanArgs: ['x'],
  Mask: 'x',
  serviceEnvironment: { A: 'x' },
};

/** The Quadlet file that is to hold a sample's values. */
export function containerOf(sample: ContainerSample): QuadletFile {
  const { serviceEnvironment, Sysctl, ...keys } = sample;
  return {
    Container: { Image: 'localhost/x:1', ContainerName: 'x', ...keys, Sysctl: { 'net.x': Sysctl } },
    Service: { Environment: serviceEnvironment },
  };
}

/** What podman is to be called with; Quadlet sorts the names of variables. */
export function podmanArgumentsOf(sample: ContainerSample): string[] {
  const option = (name: string, values: readonly string[]) => values.flatMap((value) => [name, value]);
  const sorted = (values: Readonly<Record<string, string>>) =>
    Object.keys(values)
      .sort()
      .map((name) => `${name}=${values[name]}`);
  return [
    ...option('--hostname', [sample.HostName]),
    ...option('--tmpfs', [sample.Tmpfs]),
    ...option('--sysctl', [`net.x=${sample.Sysctl}`]),
    ...option('-v', [sample.Volume]),
    ...option('--env', sorted(sample.Environment)),
    ...option('--label', sorted(sample.Label)),
    ...option('--annotation', sorted(sample.Annotation)),
    ...option('--security-opt', [`mask=${sample.Mask}`]),
    ...option('--health-cmd', [sample.HealthCmd]),
    ...sample.PodmanArgs,
    'localhost/x:1',
    ...sample.Exec,
  ];
}
