import type { IConstruct } from 'constructs';
import type { Manifest } from '../../manifest/index';
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

/** A service, as its host sees it. */
export interface HostedService extends Renderable {
  /** Name on the host. */
  readonly serviceName: string;
  /** Name of the systemd unit that runs the service. Undefined when there is no unit. */
  readonly unitName: string | undefined;
  /** Ports of the host that the service uses. */
  readonly ports: readonly Port[];
  /** @internal Its manifest, whatever else is on the host. */
  readonly made: Manifest;
  /** What no other service of the host may have, beside the names of the service and of its parts. */
  readonly claims: readonly StatedClaim[];
  /** The prop that sets the names of the service's files. */
  readonly filesNamedBy: string;
  /** The user whose own systemd instance runs the service. Undefined when the system's systemd runs it. */
  readonly rootless: Account | undefined;
  /** @internal The services that this service depends on. */
  servicesBefore(): readonly HostedService[];
  /** @internal Those in its `dependsOn`. */
  servicesNamed(): readonly HostedService[];
  /** @internal Those that it uses. */
  servicesUsed(): readonly HostedService[];
}

/** Marks a construct as a service. */
export function markService(service: HostedService): void {
  Object.defineProperty(service, IS_SERVICE, { value: true });
  revise(service);
}

// Many services may depend on one construct that contains many services, so the result is cached.
const found = new WeakMap<IConstruct, { readonly revision: number; readonly services: readonly IConstruct[] }>();

/** All services at or below a construct, in the order of the tree. */
export function servicesIn<T extends HostedService>(construct: IConstruct): readonly T[] {
  const revision = revisionOf(construct);
  let known = found.get(construct);
  if (known?.revision !== revision) {
    known = { revision, services: construct.node.findAll().filter((node) => IS_SERVICE in node) };
    found.set(construct, known);
  }
  return known.services as readonly T[];
}
