import type { KindRow } from './kind-row';

/** The directory of all secrets. Only root can enter it. */
export const SECRETS_DIR = '/var/lib/bulkhead-secrets';

const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]*';

/** Names of secrets. They are also file names. */
export const SECRET_NAME = new RegExp(`^(?=.{1,200}$)${NAME}$`);

/** Path of the secret of a service, by the name of its object. */
export const secretPath = (object: string) => `${SECRETS_DIR}/values/${object}`;

/** End of the name of an object whose file is for podman-run(1) --env-file. Without it, the file is for EnvironmentFile=. */
const FOR_PODMAN = '.env';

/** File of a variable, by the program that reads the file. systemd reads quotes and escapes, podman does not. */
export type VariableReader = 'systemd' | 'podman';

/** Name of the object of a service whose file sets a variable to the value of a secret. */
export const variableObject = (object: string, variable: string, reader: VariableReader): string =>
  `${object}@${variable}${reader === 'podman' ? FOR_PODMAN : ''}`;

/** Name of the environment variable that the object of a service is for. Undefined: it is the secret itself. */
export const variableOf = (object: string): string | undefined => object.split('@')[1]?.split('.')[0];

/**
 * The most bytes of a value that an object for a variable can have. Undefined: any secret fits. podman reads lines of less
 * than 64 KiB, and the line also has the name of the variable.
 */
export const mostOfVariable = (object: string): number | undefined =>
  object.endsWith(FOR_PODMAN) ? 65_000 : undefined;

/** Name of the secret whose value the object of a service has. */
export const secretNameOf = (object: string): string => object.replace(/^.*\/|@.*$/g, '');

/** Kinds of objects with a secret value. */
export const SECRET_KINDS = {
  secret: {
    noun: 'secret',
    holder: 'the host',
    scope: 'host',
    name: new RegExp(`^${NAME}/${NAME}(?:@[A-Za-z_][A-Za-z0-9_]*(?:\\.env)?)?$`),
    expected:
      'the names of a service and of a secret, with "/" between, and for a variable "@" and its name, which ".env" may follow',
    sources: ['spec'],
    spec: {
      source: {
        type: 'string',
        values: ['environmentVariable', 'file', 'command', 'value', 'generated'],
        doc: 'Where its value comes from: this machine, Terraform (`value`), or the host (`generated`).',
      },
      from: {
        type: 'string',
        optional: true,
        pattern: /^[^\0]+$/,
        doc: 'Name of the variable, path of the file, words of the command in JSON, or name of the generated secret.',
      },
      owner: {
        type: 'string',
        pattern: /^\d{1,10}:\d{1,10}$/,
        doc: 'Numbers of the user and group that own the file.',
      },
      mode: { type: 'string', values: ['0400', '0444'], doc: 'Permissions of the file.' },
      encrypted: {
        type: 'string',
        optional: true,
        values: ['true'],
        doc: 'The file is encrypted by systemd-creds(1), for a unit that loads it so. Not set: it is not.',
      },
    },
  },
  'generated-secret': {
    noun: 'generated secret',
    holder: 'the host',
    scope: 'host',
    name: SECRET_NAME,
    expected: 'letters, digits, "_", "." and "-", beginning with a letter or digit',
    sources: ['spec'],
    shared: true,
    spec: { length: { type: 'string', pattern: /^[1-9]\d{0,3}$/, doc: 'How many letters and digits it has.' } },
  },
} as const satisfies Record<string, KindRow>;
