import { type HostState, impactsOf, planRemoval } from '../engine';
import type { ServiceConfig } from '../manifest/terraform';
import { keptOf } from './kept';
import type { Context } from './resource';
import { hostAsSeen } from './seen-host';
import { inState } from './service-config';
import type { Config } from './service-schema';
import { obstacleDiagnostic } from './words';

/** An existing service, and its host. */
export interface Existing {
  readonly service: ServiceConfig;
  readonly seen: () => HostState;
}

/** A service according to its state. Most services match, so their host need not be asked. */
export function asInState(state: Config, context: Context): Existing {
  const service = inState(state);
  const { seen } = keptOf(context);
  return { service, seen: () => hostAsSeen(service.manifest, seen) };
}

/**
 * Existing services, and what happens to them. Terraform plans the end of one service and the start of another in any
 * order.
 */
export class Replacements {
  /**
   * Terraform does not pass the existing service again when it plans a replacement of a tainted resource, or with
   * `-replace=`.
   */
  private readonly known = new Map<string, Existing>();
  /** Places that one construct leaves and another construct wants. */
  private readonly leaving = new Map<string, Existing>();
  private readonly coming = new Map<string, ServiceConfig>();

  /** Remembers a service that was found on its host. */
  found(existing: Existing): void {
    this.known.set(identityOf(existing.service), existing);
  }

  /** Reports what a planned service replaces, and returns the existing service. */
  plan(service: ServiceConfig, prior: Existing | undefined, context: Context): Existing | undefined {
    const existing = prior ?? this.known.get(identityOf(service)) ?? this.leaving.get(placeOf(service));
    if (prior) this.known.set(identityOf(service), prior);
    else this.coming.set(placeOf(service), service);
    if (existing && (!prior || isMoved(existing.service, service))) tellOfLoss(existing, service, context);
    return existing;
  }

  /** Reports what is lost when a service is destroyed. */
  planDelete(existing: Existing, context: Context): void {
    const place = placeOf(existing.service);
    this.leaving.set(place, existing);
    const successor = this.coming.get(place);
    if (successor) tellOfLoss(existing, successor, context);
    else warnOfLoss('Destroying', existing, context);
  }
}

const placeOf = ({ host, manifest }: ServiceConfig) => JSON.stringify([host.address, manifest.name]);

const identityOf = ({ host, manifest }: ServiceConfig) => JSON.stringify([host.address, manifest.name, manifest.path]);

/**
 * Whether a service gets another host, name or user, which may not be known yet. Terraform then creates a new service.
 */
function isMoved(before: ServiceConfig, after: ServiceConfig): boolean {
  const { name, user } = before.manifest;
  return before.host.address !== after.host.address || name !== after.manifest.name || user !== after.manifest.user;
}

/** Refuses to replace a service if more would be lost than the user allowed. Otherwise warns of the loss. */
function tellOfLoss(existing: Existing, after: ServiceConfig, context: Context): void {
  const { service, seen } = existing;
  const { obstacles } = planRemoval(seen(), service.manifest.name, after.manifest);
  for (const obstacle of obstacles) context.error(obstacleDiagnostic(service, obstacle));
  if (obstacles.length === 0) warnOfLoss('Replacing', existing, context);
}

/** Terraform shows no attributes of a removed resource, so a warning is the only way to tell the user. */
function warnOfLoss(doing: string, { service, seen }: Existing, context: Context): void {
  const { host, manifest } = service;
  const lost = impactsOf(planRemoval(seen(), manifest.name)).filter(({ kind }) => kind === 'data loss');
  if (lost.length === 0) return;
  context.warn({
    summary: `${doing} ${manifest.name} loses data on ${host.address} (at ${manifest.path})`,
    detail: lost.map(({ key, reason }) => `${key} ${reason}`).join('\n'),
  });
}
