import { type VariableReader, variableObject } from '../../manifest/index';
import { fail } from '../problem';
import { checkVariableName, type SecretSource } from '../props/environment';
import { Secret } from './secret';
import type { Service } from './service';

/** The longest name of a file on Linux. */
const MOST_OF_FILE_NAME = 255;

export const isEncrypted = ({ spec }: Secret) => spec.encrypted === 'true';

/** Checks a secret in the `secrets` prop. @throws Error */
export function checkSecret(secret: Secret, before: readonly Secret[], service: Service, index: number): Secret {
  const at = `${service.node.path}.secrets[${index}]`;
  const reject = (value: unknown, problem: string, expected: string) =>
    fail({ action: 'give secret', value, problem, expected, at });
  // What is given instead may be a value.
  if (!(secret instanceof Secret))
    return reject('***', 'is not a Secret', "a Secret such as new Secret(host, 'db-password', ...)");
  checkHost(secret, service, at);
  if (before.includes(secret)) return reject(secret.node.path, 'is already given', 'each secret once');
  return secret;
}

/** Checks a secret whose value a variable has. @throws Error */
export function checkSecretValue(secret: SecretSource, name: string, service: Service, reader: VariableReader): Secret {
  checkVariableName(name, service.node.path);
  const at = `${service.node.path}.environment.${name}`;
  const action = `set variable ${name} to the value of`;
  const value = secret.node.path;
  if (!(secret instanceof Secret))
    return fail({ action, value, problem: 'is not a Secret', expected: 'asValue() of a Secret', at });
  checkHost(secret, service, at);
  const most = MOST_OF_FILE_NAME - variableObject('', '', reader).length;
  if (secret.secretName.length + name.length > most)
    fail({
      action,
      value,
      problem: 'the names of the variable and of the secret are too long together',
      expected: `at most ${most} characters`,
      at,
    });
  if (isEncrypted(secret))
    fail({
      action,
      value,
      problem: 'is encrypted, and systemd decrypts files but not variables',
      expected: 'the Secret itself, for the path of its file, or one that is not encrypted',
      at,
    });
  return secret;
}

function checkHost({ host, node }: Secret, service: Service, at: string): void {
  if (host.address !== service.host.address)
    fail({
      action: 'give secret',
      value: node.path,
      problem: `is on ${host.node.path}`,
      expected: `a Secret on ${service.host.node.path}`,
      at,
    });
}
