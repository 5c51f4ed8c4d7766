import type { HostPlan, Target } from '../../lib/cli/host-plan';
import type { HostState, ServicePlan } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { connect } from '../../lib/transport';

export function manifest(name: string, more: Partial<Manifest> = {}): Manifest {
  const path = `shop/host/${name}`;
  return {
    name,
    path,
    stack: 'shop',
    runtime: 'systemd',
    files: {},
    units: {},
    objects: {},
    ...more,
  };
}

export function hostState(more: Partial<HostState> = {}): HostState {
  const none = {
    records: new Map(),
    damaged: new Map(),
    files: new Map(),
    units: new Map(),
    objects: new Map(),
    overrides: [],
    links: new Map(),
    loadPath: [],
    users: new Map(),
  };
  return {
    facts: {
      os: 'Debian GNU/Linux 13 (trixie)',
      cgroup: 'v2',
      machine: 'x86_64',
      programs: new Map([['systemd', '257']]),
    },
    ...none,
    ...more,
  };
}

export function recorded(...manifests: readonly Manifest[]): HostState['records'] {
  return new Map(
    manifests.map((m) => {
      const owns = {
        files: Object.keys(m.files),
        units: Object.keys(m.units),
        objects: Object.keys(m.objects),
      };
      return [m.name, { manifest: m, owns, complete: true, applied: {} }];
    }),
  );
}

export function target(more: Partial<Target> = {}): Target {
  const address = 'ssh://root@192.0.2.10';
  return {
    stack: 'shop',
    dependencies: [],
    serviceDependencies: {},
    path: 'shop/host',
    address,
    transport: connect({ address }),
    manifests: [],
    wanted: [],
    outputs: {},
    asset: (sha256) => sha256,
    ...more,
  };
}

export function servicePlan(name: string, more: Partial<ServicePlan> = {}): ServicePlan {
  return {
    name,
    path: `shop/host/${name}`,
    action: 'none',
    steps: [],
    obstacles: [],
    desired: manifest(name),
    ...more,
  };
}

export function hostPlan(services: readonly ServicePlan[], state: Partial<HostState> = {}): HostPlan {
  return { target: target(), state: hostState(state), services };
}

/** Shows where colours go. */
export const painter = {
  style: (style: unknown, text: string) => (style === 'bold' || style === 'dim' ? text : `<${style}>${text}</>`),
};

export const plain = { style: (_: unknown, text: string) => text };

/** The content and the owner of a file, as a manifest has it. */
export const filePart = (content: string) => ({ content, mode: '0644', owner: 'root', group: 'root' });

export const API_UNIT = '/etc/systemd/system/api.service';

/** A service whose unit has changed since {@link API_BEFORE}. */
export const apiUpdated = servicePlan('api', {
  action: 'update',
  steps: [
    {
      verb: 'write',
      kind: 'files',
      key: API_UNIT,
      reason: 'differs in Service.Environment',
      changes: [{ key: 'Service.Environment', before: 'LOG=info', after: 'LOG=debug' }],
    },
    { verb: 'restart', kind: 'units', key: 'api.service', reason: `${API_UNIT} changes` },
  ],
  desired: manifest('api', {
    files: { [API_UNIT]: filePart('[Service]\nEnvironment=LOG=debug\n') },
    units: { 'api.service': { state: 'active', restartOn: [API_UNIT] } },
  }),
});

/** The files of the host before that. */
export const API_BEFORE: HostState['files'] = new Map([
  [API_UNIT, { ...filePart(''), type: 'file' as const, content: Buffer.from('[Service]\nEnvironment=LOG=info\n') }],
]);
