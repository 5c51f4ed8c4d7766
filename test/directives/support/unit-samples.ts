import { type SystemdUnit, tuple } from '../../../lib/directives';
import fc from '../../fast-check';
import * as hostile from './hostile';

const several = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
const program = fc.oneof(
  fc.constant('/bin/echo'),
  hostile.path.filter((path) => !/["'\\\t$]/.test(path)),
);
export const argv = fc
  .tuple(program, fc.array(hostile.text, { maxLength: 5 }))
  .map(([first, rest]) => [first, ...rest]);
// What systemd would lose on the way to the process is refused.
const directory = hostile.line
  .map((text) => text.replaceAll(/[/\\:\t]/g, '').trimEnd())
  .filter((text) => !/^\.{0,2}$/.test(text) && text.trim() !== '');
const bindPath = hostile.path.map((path) => path.replaceAll(/["'\t]/g, '-'));

/** Content of services that holds, in keys of every escaping class, what means something to one parser or another. */
export const unitSample = fc.record({
  Description: hostile.bare,
  ConditionHost: hostile.bare.filter((text) => !/^[|!]/.test(text)),
  argv,
  argvPost: argv,
  Environment: fc.dictionary(hostile.name, hostile.text, { minKeys: 1, maxKeys: 3 }),
  UnsetEnvironment: fc.tuple(hostile.name, hostile.text).map(([name, text]) => `${name}=${text}`),
  LogExtraFields: fc.dictionary(
    fc.stringMatching(/^[A-Z][A-Z0-9]{0,4}$/),
    hostile.text.map((text) => text.replaceAll('\n', '')),
    { minKeys: 1, maxKeys: 2 },
  ),
  ReadWritePaths: several(hostile.path),
  InaccessiblePaths: several(hostile.path),
  ExecSearchPath: several(hostile.line.map((text) => `/x${text.replaceAll('/', '')}x`)),
  BindPaths: several(fc.tuple(bindPath, bindPath)),
  TemporaryFileSystem: hostile.path.map((path) => path.replaceAll(/[\\:]/g, '-')),
  StateDirectory: directory,
  SELinuxContext: hostile.bare.filter((text) => !text.startsWith('-')),
  UtmpIdentifier: hostile.bare,
  EnvironmentFile: hostile.bare.map((text) => `/x${text.replaceAll('/', '')}x`),
  SetCredential: hostile.text.filter((text) => text !== ''),
  LoadCredential: hostile.bare.map((text) => `/x${text.replaceAll(/[/\\ \t]/g, '')}x`),
  StandardInputText: hostile.text.filter((text) => text !== ''),
  device: hostile.path,
});
export type UnitSample = typeof unitSample extends fc.Arbitrary<infer T> ? T : never;

/** A sample with nothing special in it, to know what a file says beside its values. */
export const PLAIN_UNIT: UnitSample = {
  Description: 'x',
  ConditionHost: 'x',
  argv: ['/bin/echo'],
  argvPost: ['/bin/echo'],
  Environment: { A: 'x' },
  UnsetEnvironment: 'A=x',
  LogExtraFields: { A: 'x' },
  ReadWritePaths: ['/x'],
  InaccessiblePaths: ['/x'],
  ExecSearchPath: ['/x'],
  BindPaths: [['/x', '/x']],
  TemporaryFileSystem: '/x',
  StateDirectory: 'x',
  SELinuxContext: 'x',
  UtmpIdentifier: 'x',
  EnvironmentFile: '/x',
  SetCredential: 'x',
  LoadCredential: '/x',
  StandardInputText: 'x',
  device: '/x',
};

/** The unit that is to hold a sample's values. */
export function unitOf(sample: UnitSample): SystemdUnit {
  return {
    Unit: { Description: sample.Description, ConditionHost: `|${sample.ConditionHost}` },
    Service: {
      ExecStart: sample.argv,
      ExecStartPost: [{ argv: sample.argvPost, prefix: '-:' }],
      Environment: sample.Environment,
      UnsetEnvironment: sample.UnsetEnvironment,
      LogExtraFields: sample.LogExtraFields,
      ReadWritePaths: sample.ReadWritePaths,
      InaccessiblePaths: sample.InaccessiblePaths,
      ExecSearchPath: sample.ExecSearchPath,
      BindPaths: sample.BindPaths.map((paths) => tuple(...paths)),
      TemporaryFileSystem: tuple(sample.TemporaryFileSystem, 'ro'),
      StateDirectory: tuple(sample.StateDirectory),
      SELinuxContext: sample.SELinuxContext,
      UtmpIdentifier: sample.UtmpIdentifier,
      EnvironmentFile: `-${sample.EnvironmentFile}`,
      SetCredential: `id:${sample.SetCredential}`,
      LoadCredential: `id:${sample.LoadCredential}`,
      StandardInput: 'data',
      StandardInputText: sample.StandardInputText,
      DeviceAllow: `/dev${sample.device} rw`,
    },
  };
}
