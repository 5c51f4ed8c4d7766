import type { IConstruct } from 'constructs';
import { ClaimIndex, claimsOf, describeClaim, isPortClaim } from '../../containment/index';
import type { RenderableHost } from '../../rendering/service';
import { describe } from '../problem';
import type { HostedService, StatedClaim } from './hosted-service';

/** A host, as the checks see it. */
export interface CheckedHost extends RenderableHost {
  readonly stack: IConstruct;
  readonly services: readonly HostedService[];
}

// Several Host constructs, in several stacks, may stand for one host.
const hostsOf = new WeakMap<IConstruct, Map<string, CheckedHost[]>>();

/** Registers a Host construct, so that the checks cover all constructs that stand for the same host. */
export function registerHost(host: CheckedHost): void {
  const byAddress = hostsOf.get(host.node.root) ?? new Map<string, CheckedHost[]>();
  hostsOf.set(host.node.root, byAddress);
  byAddress.set(host.address, [...(byAddress.get(host.address) ?? []), host]);
}

/** All Host constructs that stand for the same host. */
export function sameHosts(host: CheckedHost): readonly CheckedHost[] {
  return hostsOf.get(host.node.root)?.get(host.address) ?? [host];
}

/** Conflicts between the services of one host. The later one of two services reports the conflict. */
export function validateHost(host: CheckedHost): string[] {
  const byAddress = hostsOf.get(host.node.root);
  const services = sameHosts(host).flatMap((other) => other.services);
  const found = collisions(services).filter(({ service }) => service.host === host);
  return [
    ...sameId(host, [...(byAddress?.values() ?? [])].flat()),
    ...twiceClaimed(found),
    ...twicePublished(found),
    ...cycles(host.services),
  ];
}

// The bundle keeps the files of each host in a directory named after the id.
function sameId(host: CheckedHost, hosts: readonly CheckedHost[]): string[] {
  const other = hosts.find(({ id, stack }) => id === host.id && stack === host.stack);
  if (!other || other === host) return [];
  const problem = `${other.node.path} has the same id`;
  return [
    describe({
      action: 'name a host',
      value: host.id,
      problem,
      expected: 'different construct ids',
      at: host.node.path,
    }),
  ];
}

interface Collision {
  readonly service: HostedService;
  readonly claim: StatedClaim;
  readonly taken: { readonly text: string; readonly owner: HostedService };
}

// A service may state the same claim twice, except for a port: it can listen on each port only once.
function collisions(services: readonly HostedService[]): Collision[] {
  const index = new ClaimIndex<HostedService>();
  return services.flatMap((service) =>
    claimedBy(service).flatMap((claim) => {
      const taken = index.add(claim.claim, service);
      return taken && (taken.owner !== service || isPortClaim(claim.claim)) ? [{ service, claim, taken }] : [];
    }),
  );
}

function claimedBy({ manifest, claims, filesNamedBy }: HostedService): StatedClaim[] {
  const { claims: _, ...parts } = manifest;
  const named = claimsOf(parts).map((claim) => ({ claim, prop: claim.startsWith('name ') ? 'name' : filesNamedBy }));
  // The claim of a prop tells the user more than the files and units that follow from it.
  const [name, ...followed] = named;
  return [...(name ? [name] : []), ...claims, ...followed];
}

// Two services with one name have many claims in common. The first one tells the user most.
function twiceClaimed(found: readonly Collision[]): string[] {
  const first = new Map<HostedService, Collision>();
  for (const collision of found)
    if (!isPortClaim(collision.claim.claim) && !first.has(collision.service)) first.set(collision.service, collision);
  return [...first.values()].map(({ service, claim, taken }) =>
    describe({
      action: 'place',
      value: service.serviceName,
      problem: `${describeClaim(claim.claim)} is taken by ${taken.owner.node.path}`,
      expected: `another value of the ${claim.prop} prop`,
      at: service.node.path,
    }),
  );
}

function twicePublished(found: readonly Collision[]): string[] {
  return found
    .filter(({ claim }) => isPortClaim(claim.claim))
    .map(({ service, claim, taken }) =>
      describe({
        action: 'publish',
        value: claim.claim,
        problem: `${taken.text} is taken by ${taken.owner.node.path}`,
        expected: 'a free port',
        at: `${service.node.path}.${claim.prop}`,
      }),
    );
}

function cycles(services: readonly HostedService[]): string[] {
  const done = new Set<HostedService>();
  const found: string[] = [];
  const visit = (service: HostedService, trail: readonly HostedService[]): void => {
    const start = trail.indexOf(service);
    if (start >= 0) {
      const path = [...trail.slice(start), service].map(({ node }) => node.path).join(' -> ');
      found.push(
        `Cannot order services: ${path} is a cycle, expected an order without cycles (at ${service.node.path}.dependsOn)`,
      );
    }
    if (start >= 0 || done.has(service)) return;
    for (const dependency of service.servicesBefore()) visit(dependency, [...trail, service]);
    done.add(service);
  };
  for (const service of services) visit(service, []);
  return found;
}
