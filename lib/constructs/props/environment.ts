import type { IConstruct } from 'constructs';
import type { Raw } from '../../directives/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import { classesWith } from './known-props';
import { absolutePath } from './paths';
import { type FileSource, isMountSource } from './used';

/** Variables of a program. */
export type Environment = Readonly<Record<string, string>>;

/** A construct for a secret, which services read from a file. */
export interface SecretSource extends IConstruct {
  /** Name of its file in services. */
  readonly secretName: string;
}

/** The value of a secret, as the value of a variable. Created by `asValue()` of a Secret. */
export interface SecretValue {
  readonly secret: SecretSource;
}

/** Variables in props. A secret stands for the path of its file, a {@link SecretValue} for the value itself. */
export type EnvironmentProp = Readonly<Record<string, string | SecretSource | SecretValue>>;

/** The secrets of a service, each with the path of its file as the service sees it. */
export type SecretPaths<Path extends string | Raw = string | Raw> = ReadonlyMap<SecretSource, Path>;

/** Props of the classes whose runtime reads files of variables. */
export interface EnvironmentFilesProps {
  /**
   * Files on the host with one `NAME=value` per line. Each entry is an absolute path or a {@link ConfigFile}. The
   * service reads the files at each start. Becomes EnvironmentFile=.
   * @default - none
   */
  readonly environmentFiles?: readonly (string | FileSource)[];
}

/**
 * Checks environment variables, and replaces each secret by the path of its file. Returns undefined when there are none.
 * @param secrets The secrets of the service. Undefined for a class whose services have no secrets.
 * @throws Error for a value that is neither text nor a secret of the service
 */
export function environmentOf<Path extends string | Raw = never>(
  environment: EnvironmentProp | undefined,
  path: string,
  secrets?: SecretPaths<Path>,
): Readonly<Record<string, string | Path>> | undefined {
  const variables = Object.entries(environment ?? {}).map(([name, value]) => {
    checkVariableName(name, path);
    const at = `${path}.environment.${name}`;
    if (isSecretValue(value)) return refuseValue(value, name, at);
    if (isSecret(value)) return [name, pathOf(value, secrets, name, at)] as const;
    if (typeof value !== 'string')
      fail({
        action: `set variable ${name} to`,
        value,
        problem: `is ${value === null ? 'null' : typeof value}`,
        expected: Token.isUnresolved(value) ? 'text, such as stringValue of a TerraformVariable' : 'text',
        at,
      });
    return [name, value] as const;
  });
  return variables.length > 0 ? Object.fromEntries(variables) : undefined;
}

/** @throws Error */
export function checkVariableName(name: string, path: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
  fail({
    action: 'set variable',
    value: name,
    problem: 'is not a variable name',
    expected: 'letters, digits and "_"',
    at: `${path}.environment`,
  });
}

function isSecret(value: unknown): value is SecretSource {
  return typeof value === 'object' && value !== null && 'secretName' in value;
}

function isSecretValue(value: unknown): value is SecretValue {
  return typeof value === 'object' && value !== null && 'secret' in value && isSecret(value.secret);
}

/** The variables that have values of secrets. */
export function secretValuesIn(environment: EnvironmentProp = {}): readonly (readonly [string, SecretSource])[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    isSecretValue(value) ? [[name, value.secret] as const] : [],
  );
}

/** The other variables. */
export function withoutSecretValues(environment: EnvironmentProp = {}): EnvironmentProp {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => !isSecretValue(value)));
}

/** The classes whose `environment` can have values of secrets. */
export const CLASSES_WITH_VALUES =
  'SystemdService, PortableService, SystemdTimer, SystemdPath, SystemdSocket, or PodmanService without rootless';

function refuseValue({ secret }: SecretValue, name: string, at: string): never {
  return fail({
    action: `set variable ${name} to the value of`,
    value: secret.node.path,
    problem: 'only systemd and podman set variables from files of root',
    expected: `the Secret itself, for the path of its file, or the value in the environment prop of a ${CLASSES_WITH_VALUES}`,
    at,
  });
}

function pathOf<Path extends string | Raw>(
  secret: SecretSource,
  secrets: SecretPaths<Path> | undefined,
  name: string,
  at: string,
): Path {
  const path = secrets?.get(secret);
  if (path !== undefined) return path;
  return fail({
    action: `set variable ${name} to`,
    value: secret.node.path,
    problem: secrets ? 'the service does not have this secret' : 'services of this class have no secrets',
    expected: secrets ? 'the Secret also in `secrets`' : `text, or one of ${classesWith('secrets').join(', ')}`,
    at,
  });
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
