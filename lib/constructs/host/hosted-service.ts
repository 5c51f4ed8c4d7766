import type { IConstruct } from 'constructs';
import type { Renderable } from '../../rendering/service';
import type { Account } from '../props/account';
import type { Port } from '../props/ports';
import { revise, revisionOf } from './revision';

const IS_SERVICE = Symbol.for('bulkhead/Service');

/** A claim and the prop that states it, such as `ports[0]`. */
export interface StatedClaim {
  readonly claim: string;
  readonly prop: string;
}

/** What a host knows of a service on it. */
export interface HostedService extends Renderable {
  /** Name on the host. */
  readonly serviceName: string;
  /** Name of the systemd unit that runs it; undefined when it has none. */
  readonly unitName: string | undefined;
  /** Ports of the host that it takes. */
  readonly ports: readonly Port[];
  /** What it needs alone on the host, beside its name and what its parts are called. */
  readonly claims: readonly StatedClaim[];
  /** The prop that decides what its files are called. */
  readonly filesNamedBy: string;
  /** The user that it runs as; undefined for services of the system. */
  readonly rootless: Account | undefined;
  /** @internal The services that it depends on. */
  servicesBefore(): readonly HostedService[];
}

/** Makes a construct known as a service. */
export function markService(service: HostedService): void {
  Object.defineProperty(service, IS_SERVICE, { value: true });
  revise(service);
}

// Many services may depend on one construct with many in it.
const found = new WeakMap<IConstruct, { readonly revision: number; readonly services: readonly IConstruct[] }>();

/** The services at or below a construct, in the order of the tree. */
export function servicesIn<T extends HostedService>(construct: IConstruct): readonly T[] {
  const revision = revisionOf(construct);
  let known = found.get(construct);
  if (known?.revision !== revision) {
    known = { revision, services: construct.node.findAll().filter((node) => IS_SERVICE in node) };
    found.set(construct, known);
  }
  return known.services as readonly T[];
}
