import type { IConstruct } from 'constructs';
import { SERVICE_NAME } from '../../manifest/index';
import { fail } from '../problem';

/** The construct ids of a construct below its host, joined by `-`. */
export function idsBelow({ node: { scopes } }: IConstruct, host: IConstruct): string {
  return scopes
    .slice(scopes.indexOf(host) + 1)
    .map(({ node }) => node.id)
    .join('-');
}

/** Returns the name of a service on its host. @throws Error for an invalid name */
export function nameOf(service: IConstruct, host: IConstruct, given: string | undefined): string {
  const name = given ?? idsBelow(service, host);
  if (typeof name === 'string' && SERVICE_NAME.test(name) && name.length <= 200) return name;
  const { path } = service.node;
  return fail({
    action: 'name a service',
    value: name,
    problem: given === undefined ? 'the construct ids below the host are not a name' : 'is not a name',
    expected: 'letters, digits, "_", "." and "-", beginning with a letter or digit, at most 200',
    at: given === undefined ? path : `${path}.name`,
  });
}
