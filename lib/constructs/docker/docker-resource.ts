import { fail } from '../problem';
import type { Service } from '../service/service';

/** Checks that a prop holds a docker construct of a class, on the same host. @throws Error */
export function checkDocker<T extends Service>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
  { host }: Service,
  at: string,
): T {
  if (!(value instanceof type))
    return fail({ action: 'use', value, problem: `is not a ${type.name}`, expected: `a ${type.name}`, at });
  if (value.host.address === host.address) return value;
  const [problem, expected] = [`is on ${value.host.node.path}`, `a ${type.name} on ${host.node.path}`];
  return fail({ action: 'use', value: value.node.path, problem, expected, at });
}
