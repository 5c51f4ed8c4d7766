import type { IConstruct } from 'constructs';
import type { Host } from './host';
import { portsCollide, showPort } from './ports';
import { describe } from './problem';
import type { Service } from './service';

// Several Host constructs, of several stacks, may stand for one host.
const hostsOf = new WeakMap<IConstruct, Map<string, Host[]>>();

/** Makes a host known to the checks over all that stand for the same one. */
export function registerHost(host: Host): void {
  const byAddress = hostsOf.get(host.node.root) ?? new Map<string, Host[]>();
  hostsOf.set(host.node.root, byAddress);
  byAddress.set(host.address, [...(byAddress.get(host.address) ?? []), host]);
}

/** What is wrong between the services of one host. A problem is told by the later of the two. */
export function validateHost(host: Host): string[] {
  const byAddress = hostsOf.get(host.node.root);
  const hosts = byAddress?.get(host.address) ?? [host];
  const services = hosts.flatMap((other) => other.services);
  const told = (service: Service) => service.host === host;
  return [
    ...sameId(host, [...(byAddress?.values() ?? [])].flat()),
    ...twiceClaimed(services, told),
    ...twicePublished(services, told),
    ...cycles(host.services),
  ];
}

// The bundle keeps the files of each host in a directory of this name.
function sameId(host: Host, hosts: readonly Host[]): string[] {
  const other = hosts.find(({ id, stack }) => id === host.id && stack === host.stack);
  if (!other || other === host) return [];
  const problem = `the id is the one of ${other.node.path}`;
  return [
    describe({ action: 'name a host', value: host.id, problem, expected: 'other construct ids', at: host.node.path }),
  ];
}

type Told = (service: Service) => boolean;

function twiceClaimed(services: readonly Service[], told: Told): string[] {
  const owners = new Map<string, Service>();
  return services.flatMap((service) => {
    const taken = claims(service).flatMap((claim) => {
      const owner = owners.get(claim);
      if (!owner) owners.set(claim, service);
      return owner && owner !== service ? [{ claim, owner }] : [];
    });
    const [first] = told(service) ? taken : [];
    if (!first) return [];
    const problem = `${first.claim} is taken by ${first.owner.node.path}`;
    return [
      describe({
        action: 'place',
        value: service.serviceName,
        problem,
        expected: 'a free one; the name prop sets another',
        at: service.node.path,
      }),
    ];
  });
}

// In the order in which they tell a person most.
function claims(service: Service): string[] {
  const { name, files, units, images, user } = service.manifest;
  const of = user === undefined ? '' : ` of ${user}`;
  return [
    `the name "${name}"`,
    ...Object.keys(files).map((path) => `the file ${path}`),
    ...Object.keys(units).map((unit) => `the unit ${unit}${of}`),
    ...Object.keys(images).map((image) => `the image ${image}${of}`),
    ...(service.unitName === undefined ? [] : [`the unit ${service.unitName}${of}`]),
    ...(service.address === undefined ? [] : [`the address ${service.address}`]),
  ];
}

function twicePublished(services: readonly Service[], told: Told): string[] {
  const byPort = new Map<string, { service: Service; port: Service['ports'][number] }[]>();
  return services.flatMap((service) =>
    service.ports.flatMap((port) => {
      const same = byPort.get(port.host) ?? [];
      const other = same.find((taken) => portsCollide(taken.port, port));
      byPort.set(port.host, [...same, { service, port }]);
      if (!other || !told(service)) return [];
      const problem = `${showPort(other.port)} is taken by ${other.service.node.path}`;
      return [describe({ action: 'publish', value: showPort(port), problem, expected: 'a free port', at: port.at })];
    }),
  );
}

function cycles(services: readonly Service[]): string[] {
  const done = new Set<Service>();
  const found: string[] = [];
  const visit = (service: Service, trail: readonly Service[]): void => {
    const start = trail.indexOf(service);
    if (start >= 0) {
      const path = [...trail.slice(start), service].map(({ node }) => node.path).join(' -> ');
      found.push(`Cannot order services: ${path} is a cycle, expected none (at ${service.node.path}.dependsOn)`);
    }
    if (start >= 0 || done.has(service)) return;
    for (const dependency of service.servicesBefore()) visit(dependency, [...trail, service]);
    done.add(service);
  };
  for (const service of services) visit(service, []);
  return found;
}
