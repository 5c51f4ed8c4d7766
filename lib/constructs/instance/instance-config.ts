import type { InstanceEngine } from '../../manifest/index';
import { GATEWAY } from '../../network/index';
import type { Host } from '../host/host';
import type { OwnLink } from '../network/own-link';
import { fail } from '../problem';
import { PATH, programOf } from '../props/command';
import { type ContainerImage, groupsIn, userIn, withGroups } from '../props/container-image';
import { checkHostname, checkLxcGroups } from '../props/container-props';
import type { DirectiveSet } from '../props/directive-set';
import { checkProps } from '../props/known-props';
import { limitsOf, type Outside } from '../props/outside-limits';
import { absolutePath } from '../props/paths';
import { lxcLimits } from '../props/ulimits';
import { checkRange, RANGE_SIZE, userRange } from '../props/user-range';
import { CLOUD_INIT, type InstanceProps } from './instance-props';
import { type LxcProgram, lxcLines } from './lxc-lines';

/** Everything else that determines an instance, beside its props. */
export interface InstanceKind {
  readonly engine: InstanceEngine;
  readonly type: 'container' | 'virtual-machine';
  readonly firstUser: number | undefined;
  readonly link: OwnLink | undefined;
}

/**
 * Numbers from which engines take ranges by default on every distribution. They come after the numbers that useradd(8)
 * gives to the first users, and before the end of root's range in subuid(5).
 */
const RANGES = { first: 1_048_576, beyond: 10_027_008 } as const;

/**
 * The first user of the host that belongs to an instance. Undefined when the instance shares the host's users. @throws
 * Error
 */
export function rangeOf(
  privateUsers: InstanceProps['privateUsers'] = true,
  host: Host,
  name: string,
  at: string,
): number | undefined {
  if (privateUsers === false) return undefined;
  return privateUsers === true ? userRange(host, name, RANGES) : checkRange(privateUsers, `${at}.privateUsers`);
}

/** Config of an instance from its props, without its program and its limits. @throws Error */
export function configOf(set: DirectiveSet, props: InstanceProps, kind: InstanceKind, at: string): void {
  const { engine, type, firstUser, link } = kind;
  const { cloudInit } = props;
  if (cloudInit !== undefined) checkProps(cloudInit, CLOUD_INIT, `${at}.cloudInit`);
  const { userData, vendorData, networkConfig } = cloudInit ?? {};
  const guestApi = engine.name === 'incus' ? 'security.guestapi' : 'security.devlxd';
  set
    .prop('cloudInit', 'config', {
      'cloud-init.user-data': userData,
      'cloud-init.vendor-data': vendorData,
      'cloud-init.network-config': networkConfig,
    })
    .defaults('config', {
      // The unit starts the instance.
      'boot.autostart': false,
      // cloud-init reads its data over this interface.
      [guestApi]: cloudInit === undefined ? false : undefined,
    });
  if (type === 'virtual-machine') {
    set.defaults('config', { 'cloud-init.network-config': link && guestNetwork(link) });
    return;
  }
  const own = { 'security.idmap.isolated': true, 'security.idmap.base': firstUser, 'security.idmap.size': RANGE_SIZE };
  const mapped = firstUser !== undefined;
  set
    .prop('privateUsers', 'config', mapped ? own : { 'security.privileged': true })
    .prop('ulimits', 'config', lxcLimits('limits.kernel', props.ulimits, at))
    // In its own network, a program can use a port below 1024 without a capability.
    .defaults('config', mapped ? { 'linux.sysctl.net.ipv4.ip_unprivileged_port_start': '0' } : {});
}

/** The link of a guest with its own kernel, in the form of netplan(5). */
function guestNetwork({ address, address6 }: OwnLink): string {
  return `version: 2
ethernets:
  enp5s0:
    addresses: [${address}/32, "${address6}/128"]
    routes:
      - {to: 0.0.0.0/0, via: ${GATEWAY.address}, on-link: true}
      - {to: "::/0", via: "${GATEWAY.address6}", on-link: true}
`;
}

/**
 * Process 1 of an instance.
 * @param image Image of a container. Undefined for a virtual machine, whose own kernel starts process 1.
 * @throws Error for props that a virtual machine does not support
 */
export function programOfInstance(
  props: InstanceProps,
  image: ContainerImage | undefined,
  at: string,
): Omit<LxcProgram, 'environment' | 'link' | 'mapped' | 'fstab'> {
  const { command, args, user, workingDirectory, capabilities, stopSignal, readOnlyRoot = false } = props;
  if (!image) {
    checkGuestProps(props, at);
    const shared = { stopSignal, capabilities, readOnlyRoot, hostname: undefined };
    return { words: [], user: undefined, workingDirectory: undefined, ...shared };
  }
  const { config } = image;
  const runs = command !== undefined || args !== undefined || config.entrypoint.length + config.command.length > 0;
  const listed = checkLxcGroups(props.groups, props.privateUsers !== false, 'privateUsers: false', at);
  const groups = groupsIn(image, listed, `${at}.groups`);
  // A user has groups, so without a user they are those of root.
  const named = user ?? (runs ? config.user : undefined) ?? (groups.length > 0 ? '0' : undefined);
  const directory = absolutePath(workingDirectory, 'workingDirectory', at);
  return {
    words: runs ? programOf(props, config, at) : [],
    user:
      named === undefined
        ? undefined
        : withGroups(userIn(image, named, user === undefined ? `${at}.image` : `${at}.user`), groups),
    workingDirectory: directory ?? (runs ? config.workingDirectory : undefined),
    stopSignal: stopSignal ?? (runs ? config.stopSignal : undefined),
    capabilities,
    readOnlyRoot,
    hostname: checkHostname(props.hostname, at),
  };
}

const OF_CONTAINERS = [
  'command',
  'args',
  'user',
  'workingDirectory',
  'capabilities',
  'stopSignal',
  'environment',
  'privateUsers',
  'readOnlyRoot',
  'volumes',
  'secrets',
  'hostname',
  'tmpfs',
  'ulimits',
  'shmSize',
  'groups',
  'devices',
] as const;

function checkGuestProps(props: InstanceProps, at: string): void {
  const prop = OF_CONTAINERS.find((name) => props[name] !== undefined);
  if (prop === undefined) return;
  fail({
    action: `set ${prop} to`,
    value: props[prop],
    problem: 'a virtual machine boots its own kernel and init',
    expected: 'cloudInit, which tells its image what to run',
    at: `${at}.${prop}`,
  });
}

/**
 * Config with the program and the environment of an instance, added to the config that the user wrote by hand. @throws
 * Error
 */
export function withProgram(
  config: Readonly<Record<string, unknown>>,
  program: LxcProgram,
  type: InstanceKind['type'],
  at: string,
): Record<string, unknown> {
  if (type === 'virtual-machine') return { ...config };
  const environment = program.words.length > 0 ? { PATH, ...program.environment } : program.environment;
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value === '' ? [] : [[`environment.${name}`, value] as const],
  );
  const twice = variables.find(([key]) => key in config)?.[0];
  if (twice !== undefined)
    fail({
      action: 'set',
      value: twice,
      problem: 'the environment also sets it',
      expected: 'one of the two',
      at: `${at}.directives.config`,
    });
  const { 'raw.lxc': more, ...rest } = config;
  if (program.fstab !== undefined && /^\s*lxc\.mount(?:\.fstab)?\s*=/m.test(String(more ?? ''))) refuseFstab(at);
  const lines = [...lxcLines({ ...program, environment }, at), ...(more === undefined ? [] : [String(more).trimEnd()])];
  return {
    ...rest,
    ...Object.fromEntries(variables),
    ...(lines.length > 0 ? { 'raw.lxc': `${lines.join('\n')}\n` } : {}),
  };
}

// LXC reads one file only, the last one that its config names.
function refuseFstab(at: string): never {
  return fail({
    action: 'set',
    value: 'lxc.mount.fstab',
    problem: 'the file has the directories in memory of tmpfs, shmSize or readOnlyRoot',
    expected: 'lxc.mount.entry in raw.lxc, or a volume',
    at: `${at}.directives.config`,
  });
}

/**
 * The limits of an instance as config. @throws Error for a limit that would not apply to the instance, and for a limit
 * that is set twice
 */
export function limitKeys(
  set: DirectiveSet,
  { title }: InstanceEngine,
  type: InstanceKind['type'],
  at: string,
): Record<string, string | number> {
  const outside: Outside = {
    runs: `a script that follows the instance, and ${title} runs the instance outside the unit`,
    instead: 'directives.config',
    says: 'the config of an instance',
  };
  const { memory, cpu, tasks } = limitsOf(set, outside, at);
  if (type === 'virtual-machine') checkGuestLimits({ cpu, tasks }, at);
  const limits = {
    ...(memory === undefined ? {} : { 'limits.memory': String(memory) }),
    ...(cpu === undefined ? {} : type === 'container' ? allowance(cpu) : { 'limits.cpu': String(cpu) }),
    ...(tasks === undefined ? {} : { 'limits.processes': tasks }),
  };
  const twice = Object.keys(limits).find((key) => set.get('config', key) !== undefined);
  if (twice !== undefined)
    fail({
      action: 'limit',
      value: twice,
      problem: 'a limit of the service also sets it',
      expected: 'one of the two',
      at: `${at}.directives.config`,
    });
  return limits;
}

const PERIOD_MS = 100;

/** A fraction of a CPU is a share of its time. The kernel can't measure less than 1 ms. */
function allowance(cpu: number): Record<string, string> {
  const period = cpu * PERIOD_MS >= 1 ? PERIOD_MS : PERIOD_MS * 10;
  return { 'limits.cpu.allowance': `${Math.max(1, Math.round(cpu * period))}ms/${period}ms` };
}

function checkGuestLimits(
  { cpu, tasks }: { readonly cpu?: number | undefined; readonly tasks?: number | undefined },
  at: string,
): void {
  if (tasks !== undefined)
    fail({
      action: 'limit tasks to',
      value: tasks,
      problem: "a virtual machine has its own kernel, and the host can't count its processes",
      expected: 'no tasks',
      at: `${at}.tasks`,
    });
  if (cpu !== undefined && !Number.isInteger(cpu))
    fail({
      action: 'limit cpu to',
      value: cpu,
      problem: 'a virtual machine gets whole processors',
      expected: 'an integer such as 2',
      at: `${at}.cpu`,
    });
}
