import { type Raw, raw, type ServiceSection } from '../../directives/index';
import {
  type ObjectPart,
  objectKey,
  type Requirement,
  secretPath,
  type VariableReader,
  variableObject,
} from '../../manifest/index';
import { fail } from '../problem';
import type { UserNumbers } from '../props/container-image';
import { type EnvironmentProp, type SecretPaths, secretValuesIn } from '../props/environment';
import type { Volume } from '../props/volumes';
import type { Secret } from './secret';
import { checkSecret, checkSecretValue, isEncrypted } from './secret-checks';
import type { Service } from './service';

/** Props of a service that can be given secrets. */
export interface SecretsProps {
  /**
   * Secrets of the same host. The service reads them from files that nobody else can read: `$CREDENTIALS_DIRECTORY/NAME`
   * for a program of systemd (LoadCredential=), `/run/secrets/NAME` in a container or machine. A Secret as a value in
   * `environment` stands for that path: `environment: { DB_PASSWORD_FILE: password }`. If the user of a container
   * is known only on the host, all users in the container can read them; set `user` to avoid that. The service restarts
   * when a value changes.
   * @default - none
   */
  readonly secrets?: readonly Secret[];
}

/** The secrets of a service, as its manifest needs them. */
export interface GivenSecrets {
  /** Objects of its manifest. */
  readonly objects: Readonly<Record<string, ObjectPart>>;
  /** Keys of the objects that it reads when it starts. */
  readonly keys: readonly string[];
  /** Programs that the host needs for them. */
  readonly requires: Readonly<Record<string, Requirement>>;
  /** Values that only Terraform knows, by names of secrets. */
  readonly values: Readonly<Record<string, string>>;
  /** The files on the host. */
  readonly files: readonly SecretFile[];
  /** Paths of the files with variables. */
  readonly environmentFiles: readonly string[];
}

interface SecretFile {
  readonly secret: Secret;
  readonly source: string;
  readonly at: string;
}

/** Secrets of a program that systemd runs. */
export interface LoadedSecrets {
  /** [Service] directives that load them. */
  readonly credentials: ServiceSection;
  /** Files with the variables that have values of secrets. */
  readonly environmentFiles: readonly string[];
  readonly paths: SecretPaths<Raw>;
}

/** Secrets of a container or machine. */
export interface MountedSecrets {
  readonly volumes: readonly Volume[];
  /** Files with the variables that have values of secrets. */
  readonly environmentFiles: readonly string[];
  readonly paths: SecretPaths<string>;
}

const OF_ROOT = { owner: '0:0', mode: '0400' };

export const NO_SECRETS: GivenSecrets = {
  objects: {},
  keys: [],
  requires: {},
  values: {},
  files: [],
  environmentFiles: [],
};

/**
 * Gives secrets to a service.
 * @param reader The user that reads them, as a number that the service sees; undefined where only the host knows it: then
 * all users of the container can read them.
 * @param environment Variables, some of which may have values of secrets. Root reads these from files.
 * @param variableReader The program that reads the files of variables.
 * @throws Error for what is not a secret of the service's host, and for one that is given twice
 */
export function givenSecrets(
  service: Service,
  secrets: readonly Secret[],
  reader: Pick<UserNumbers, 'uid' | 'gid'> | undefined,
  environment: EnvironmentProp = {},
  variableReader: VariableReader = 'systemd',
): GivenSecrets {
  const access = reader ? { owner: `${reader.uid}:${reader.gid}`, mode: '0400' } : { owner: '0:0', mode: '0444' };
  const checked = secrets.map((secret, index) => checkSecret(secret, secrets.slice(0, index), service, index));
  const nameOf = ({ secretName }: Secret) => `${service.serviceName}/${secretName}`;
  const variables = secretValuesIn(environment).map(([variable, source]) => {
    const secret = checkSecretValue(source, variable, service, variableReader);
    return { secret, name: variableObject(nameOf(secret), variable, variableReader), access: OF_ROOT };
  });
  const copies = Object.fromEntries(
    [...checked.map((secret) => ({ secret, name: nameOf(secret), access })), ...variables].map(
      ({ secret, name, access }) => [objectKey('secret', name), { spec: { ...secret.spec, ...access } }],
    ),
  );
  const all = [...checked, ...variables.map(({ secret }) => secret)];
  const values = all.flatMap(({ secretName, value }) => (value === undefined ? [] : [[secretName, value]]));
  return {
    objects: Object.assign({}, ...all.map(({ shared }) => shared), copies),
    keys: Object.keys(copies),
    requires: checked.some(isEncrypted) ? { 'systemd-creds': { why: 'for encrypted secrets' } } : {},
    values: Object.fromEntries(values),
    files: checked.map((secret, index) => ({
      secret,
      source: secretPath(nameOf(secret)),
      at: `${service.node.path}.secrets[${index}]`,
    })),
    environmentFiles: variables.map(({ name }) => secretPath(name)),
  };
}

/** Loads the secrets for a program of systemd. */
export function loadedSecrets({ files, environmentFiles }: GivenSecrets): LoadedSecrets {
  const [encrypted, plain] = [true, false].map((wanted) => {
    const list = files.filter(({ secret }) => isEncrypted(secret) === wanted);
    return list.length > 0 ? list.map(({ secret, source }) => `${secret.secretName}:${source}`) : undefined;
  });
  return {
    credentials: {
      ...(plain && { LoadCredential: plain }),
      ...(encrypted && { LoadCredentialEncrypted: encrypted }),
    },
    environmentFiles,
    // In Environment=, systemd expands specifiers, but no variables such as $CREDENTIALS_DIRECTORY.
    paths: new Map(files.map(({ secret }) => [secret, raw(`%d/${secret.secretName}`)])),
  };
}

/** Mounts the secrets in a container or machine. @throws Error for a secret that only systemd can decrypt */
export function mountedSecrets({ files, environmentFiles }: GivenSecrets): MountedSecrets {
  const volumes = files.map(({ secret, source, at }): Volume => {
    if (isEncrypted(secret))
      fail({
        action: 'give secret',
        value: secret.node.path,
        problem: 'is encrypted, and systemd decrypts it only for programs that it runs itself',
        expected: 'a Secret that is not encrypted, or a SystemdService or PortableService',
        at,
      });
    const target = mountedAt(secret);
    return { source, target, readOnly: true, options: [], from: undefined, shared: undefined, onChange: undefined, at };
  });
  return { volumes, environmentFiles, paths: new Map(files.map(({ secret }) => [secret, mountedAt(secret)])) };
}

const mountedAt = ({ secretName }: Secret) => `/run/secrets/${secretName}`;
