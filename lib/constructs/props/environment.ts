import { Token } from '../cdktf';
import { fail } from '../problem';
import { absolutePath } from './paths';
import { type FileSource, isMountSource } from './used';

export type Environment = Readonly<Record<string, string>>;

/** Props of the classes whose runtime reads files of variables. */
export interface EnvironmentFilesProps {
  /**
   * Files on the host with one `NAME=value` per line. Each entry is an absolute path or a {@link ConfigFile}. The
   * service reads the files at each start. Becomes EnvironmentFile=.
   * @default - none
   */
  readonly environmentFiles?: readonly (string | FileSource)[];
}

/** Checks environment variables. Returns undefined when there are none. @throws Error for a value that is not text */
export function environmentOf(environment: Environment | undefined, path: string): Environment | undefined {
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      fail({
        action: 'set variable',
        value: name,
        problem: 'is not a variable name',
        expected: 'letters, digits and "_"',
        at: `${path}.environment`,
      });
    if (typeof value !== 'string')
      fail({
        action: `set variable ${name} to`,
        value,
        problem: `is ${value === null ? 'null' : typeof value}`,
        expected: Token.isUnresolved(value) ? 'text, such as stringValue of a TerraformVariable' : 'text',
        at: `${path}.environment.${name}`,
      });
  }
  return environment && Object.keys(environment).length > 0 ? environment : undefined;
}

/** The paths of the environment files. @throws Error */
export function environmentPaths({ environmentFiles }: EnvironmentFilesProps, path: string): string[] | undefined {
  const paths = environmentFiles?.map((file, index) =>
    isFile(file) ? file.usedAs : (absolutePath(file, `environmentFiles[${index}]`, path) ?? ''),
  );
  return paths && paths.length > 0 ? paths : undefined;
}

function isFile(value: unknown): value is FileSource {
  return isMountSource(value) && value.mountKind === 'file';
}
