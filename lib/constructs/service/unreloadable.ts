import { describe } from '../problem';
import type { Use } from '../props/used';

const RELOADABLE =
  '"restart" or "none", or ExecReload in the directives.Service of a SystemdService, PortableService, PodmanService, DockerService, ContainerdService, OciService, NspawnMachine, VirtualMachine or LxcContainer';

/**
 * What is wrong with uses whose change is to reload a service.
 * @param reloads Whether a directive says how; undefined for a service that nothing can reload.
 */
export function unreloadable(uses: readonly Use[], reloads: boolean | undefined): string[] {
  if (reloads) return [];
  const problem = reloads === undefined ? 'nothing reloads it' : 'no directive says how to reload it';
  return uses.flatMap(({ onChange, at = '' }) =>
    onChange === 'reload'
      ? describe({ action: 'set onChange to', value: onChange, problem, expected: RELOADABLE, at: `${at}.onChange` })
      : [],
  );
}
