import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import {
  CLASSES_WITH_VALUES,
  type EnvironmentFilesProps,
  environmentOf,
  environmentPaths,
  secretValuesIn,
  withoutSecretValues,
} from '../props/environment';
import type { MountedSecrets, SecretsProps } from '../service/given-secrets';
import type { ServiceProps } from '../service/service-props';

type Props = SecretsProps & EnvironmentFilesProps & Pick<ServiceProps, 'environment'>;

/** Adds the variables of a container, and the files that podman reads variables from as root. @throws Error */
export function environmentDirectives(set: DirectiveSet, props: Props, secrets: MountedSecrets, at: string): void {
  const files = environmentPaths(props, at);
  // Of several files that set a variable, the last one counts, as for systemd.
  const all = [...secrets.environmentFiles, ...(files ?? [])];
  set
    .prop('environment', 'Container', {
      Environment: environmentOf(withoutSecretValues(props.environment), at, secrets.paths),
    })
    .prop(files ? 'environmentFiles' : 'environment', 'Container', {
      EnvironmentFile: all.length > 0 ? all : undefined,
    });
}

/** Refuses secrets of a rootless container. @throws Error */
export function refuseSecrets({ secrets = [], environment }: Props, at: string): void {
  for (const [name, secret] of secretValuesIn(environment))
    fail({
      action: `set variable ${name} to the value of`,
      value: secret.node.path,
      problem: 'only root can read its file, and the service is rootless',
      expected: `text, or the value in the environment prop of a ${CLASSES_WITH_VALUES}`,
      at: `${at}.environment.${name}`,
    });
  if (secrets.length > 0)
    fail({
      action: 'give secrets to',
      value: at,
      problem: 'only root can read them, and the service is rootless',
      expected: 'no secrets, or a service without rootless, which may have another `user`',
      at: `${at}.secrets`,
    });
}
