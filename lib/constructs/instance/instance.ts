import type { Construct } from 'constructs';
import { DirectiveError, writeInstanceConfig, writeInstanceDevices } from '../../directives/index';
import {
  INSTANCE_POOL,
  type InstanceEngine,
  isLiveLimit,
  KINDS,
  MADE_FROM,
  type ObjectPart,
  objectKey,
  type Requirement,
} from '../../manifest/index';
import { tokenEscaper } from '../../rendering/tokens';
import type { StatedClaim } from '../host/hosted-service';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { parseTmpfs, sharedMemory } from '../props/container-props';
import { checkDevices } from '../props/devices';
import { checkSections, DirectiveSet, isRecord } from '../props/directive-set';
import { environmentOf, type SecretPaths } from '../props/environment';
import { healthDirectives, healthPrograms } from '../props/health';
import { LIMITS } from '../props/outside-limits';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { checkRemovalPolicy } from '../props/removal-policy';
import { triggersOf, type Use } from '../props/used';
import { RANGE_SIZE } from '../props/user-range';
import { parseVolumes, type Volume } from '../props/volumes';
import type { Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { configOf, limitKeys, programOfInstance, rangeOf, withProgram } from './instance-config';
import { deviceDirectives, networkDevices, scriptDevice } from './instance-devices';
import { type InstanceImage, instanceImage } from './instance-image';
import { INSTANCE_PROPS, type InstanceDirectives, type InstanceProps } from './instance-props';
import { fstabPath, healthRuntime, instanceService, instanceUnit, scriptPaths } from './instance-unit';
import { checkVolumes, type InMemory, memoryFile } from './memory-mounts';
import { SCRIPT_PATH, scriptFile, startScript } from './start-script';

const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];
const SECTIONS = [...UNIT_SECTIONS, 'config', 'devices'];

/** Default seconds for a program to stop. An instance with its own init or kernel gets longer. */
const STOP_SEC = { program: 30, system: 90 } as const;

/** A container or virtual machine of LXD or Incus, which a systemd unit starts. Each subclass says which engine. */
export abstract class Instance extends NetworkedWorkload<InstanceDirectives> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  protected readonly access: NetworkAccess;
  protected readonly environmentSection = 'Service' as const;
  private readonly directives: DirectiveSet;
  private readonly image: InstanceImage;
  private readonly type: 'container' | 'virtual-machine';
  private readonly firstUser: number | undefined;
  private readonly volumes: readonly Volume[];
  private readonly networkFiles: readonly NetworkFile[];
  private readonly inMemory: InMemory;
  private readonly read: readonly Use[];
  private readonly programs: Readonly<Record<string, Requirement>>;
  private readonly retain: { readonly retain?: boolean };

  protected constructor(
    scope: Construct,
    id: string,
    private readonly engine: InstanceEngine,
    private readonly props: InstanceProps,
  ) {
    super(scope, id, engine.name, props, INSTANCE_PROPS);
    const at = this.node.path;
    const name = checkName(this.serviceName, engine, at);
    this.unitName = `${name}.service`;
    this.type = checkType(props.type ?? 'container', at);
    this.image = instanceImage(props, engine, this.type, at);
    this.assets = this.image.assets;
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, withoutHost(props, engine, at), this.ports, () => this.host.network);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.networkFiles = this.type === 'container' ? this.access.files(volumes) : [];
    const program = programOfInstance(props, this.image.container, at);
    const tmpfs = parseTmpfs(props.tmpfs, at);
    checkVolumes(tmpfs, volumes, at);
    const shared = sharedMemory(props, 'mode=1777', at);
    this.inMemory = {
      directories: [...tmpfs, ...(shared ? [shared] : [])],
      readOnlyRoot: program.readOnlyRoot,
    };
    if (program.words.length === 0) refuseSecrets(props, at);
    this.read = this.reads(volumes);
    const secrets = this.mountSecrets(props, program.user ?? { uid: 0, gid: 0 });
    this.volumes = [...volumes, ...secrets.volumes];
    this.programs = healthPrograms(props.health, 'nsenter');
    this.firstUser = this.type === 'container' ? rangeOf(props.privateUsers, this.host, name, at) : undefined;
    this.retain = retention(props, at);
    checkSections(props.directives, SECTIONS, at);
    this.directives = this.describe(secrets.paths).byHand(props.directives);
    this.complete();
  }

  override get claims(): readonly StatedClaim[] {
    const { firstUser } = this;
    if (firstUser === undefined) return super.claims;
    return [...super.claims, { claim: `uids ${firstUser}-${firstUser + RANGE_SIZE - 1}`, prop: 'privateUsers' }];
  }

  // Its engine has the names that it reaches written anew that way.
  protected override get reloads(): undefined {
    return undefined;
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const { engine, unitName, image, type } = this;
    const unit = `/etc/systemd/system/${unitName}`;
    const key = objectKey(`${engine.name}-instance`, this.serviceName);
    const { config, limits, devices, pool, files } = this.written();
    const instance: ObjectPart = { spec: { type, image: image.name, config, limits, devices }, ...this.retain };
    const parts: Parts = {
      natives: { [unit]: { format: 'unit', sections: this.unitSections(ordering) } },
      files,
      objects: {
        ...(pool === INSTANCE_POOL ? { [objectKey(`${engine.name}-pool`, pool)]: { spec: { driver: 'dir' } } } : {}),
        ...image.objects,
        [key]: instance,
      },
      requires: {
        [engine.program]: { why: 'for instances' },
        curl: { why: `for requests to ${engine.title}` },
        ...(type === 'virtual-machine' ? { [`${engine.name}-qemu`]: { why: 'for virtual machines' } } : {}),
        ...image.requires,
        ...this.programs,
      },
      units: {
        [unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, key, ...Object.keys(files)],
          ...triggersOf(this.read),
        },
      },
    };
    return this.access.ownLink?.withParts(parts, unitName) ?? parts;
  }

  private describe(secrets: SecretPaths): DirectiveSet {
    const { props, engine, image, type, volumes, access, firstUser, serviceName: name } = this;
    const at = this.node.path;
    const set = new DirectiveSet(at);
    const program = programOfInstance(props, image.container, at);
    const link = access.ownLink;
    const usual = type === 'container' && program.words.length > 0 ? STOP_SEC.program : STOP_SEC.system;
    const { stopTimeout, ...common } = props;
    const { uid, gid } = program.user ?? { uid: 0, gid: 0 };
    const user = [uid, gid].map((number) => (firstUser ?? 0) + number).join(':');
    const stopSec = Math.ceil(parseDuration(stopTimeout, `${at}.stopTimeout`) ?? usual);
    const unit = { engine, name, link, user, stopSec, paths: volumes.map(({ source }) => source) };
    set
      .defaults('Unit', instanceUnit(unit))
      .defaults('Service', instanceService(unit))
      .prop('environment', 'Service', {
        Environment: environmentOf({ ...image.container?.config.environment, ...props.environment }, at, secrets),
      });
    configOf(set, props, { engine, type, firstUser, link }, at);
    deviceDirectives(set, { volumes, link, mapped: firstUser !== undefined, nodes: checkDevices(props.devices, at) });
    if (type === 'container') healthDirectives(set, props.health, healthRuntime({ engine, name }), at);
    else checkGuest(props, at);
    return unitDirectives(set, name, common, at);
  }

  /** [Unit], [Service] and [Install], without the values that the engine gets instead. */
  private unitSections(ordering: Ordering): Record<string, object> {
    const { Service = {}, ...sections } = this.directives.file(UNIT_SECTIONS, ordering);
    const elsewhere: readonly string[] = ['Environment', ...LIMITS];
    const left = Object.entries(Service).filter(([key]) => !elsewhere.includes(key));
    return { ...sections, Service: Object.fromEntries(left) };
  }

  /** The config for the engine, in JSON. @throws Error */
  private written() {
    const { directives: set, props, engine, image, type, access } = this;
    const at = this.node.path;
    const value = set.get('config', MADE_FROM);
    if (value !== undefined)
      fail({
        action: `set ${MADE_FROM} to`,
        value,
        problem: 'the image prop sets it',
        expected: 'only the image prop',
        at,
      });
    const environment = (set.get('Service', 'Environment') ?? {}) as Readonly<Record<string, string>>;
    const { config: byHand = {}, devices = {} } = set.file(['config', 'devices']) as Record<
      string,
      Record<string, unknown>
    >;
    const limits = limitKeys(set, engine, type, at);
    const link = access.ownLink;
    const own = programOfInstance(props, image.container, at);
    const script = startScript({ words: own.words, environment });
    const { file, mounted } = scriptPaths({ engine, name: this.serviceName });
    const told = Object.entries(environment).filter(([name]) => !script || !(name in script.environment));
    const fstab = fstabPath({ engine, name: this.serviceName });
    const memory = memoryFile(this.inMemory, at);
    const program = {
      ...own,
      words: script ? ['/bin/sh', SCRIPT_PATH] : own.words,
      environment: Object.fromEntries(told),
      link,
      fstab: memory && fstab,
      mapped: this.firstUser !== undefined,
    };
    const config = withProgram(byHand, program, type, at);
    const isLive = ([key]: readonly [string, unknown]) => isLiveLimit(key);
    const target = { engine: engine.name, type } as const;
    try {
      const fixed = Object.entries(config).filter((entry) => !isLive(entry));
      const live = { ...Object.fromEntries(Object.entries(config).filter(isLive)), ...limits };
      const all = { ...devices, ...networkDevices(this.networkFiles), ...(script ? scriptDevice(mounted) : {}) };
      const root = isRecord(devices.root) ? devices.root : {};
      return {
        config: writeInstanceConfig(Object.fromEntries(fixed), target, tokenEscaper),
        limits: writeInstanceConfig(live, target, tokenEscaper),
        devices: writeInstanceDevices(all, tokenEscaper),
        pool: root.pool,
        files: {
          ...(script
            ? { [file]: scriptFile(file, script, environment, image.container?.config.environment ?? {}) }
            : {}),
          ...(memory ? { [fstab]: memory } : {}),
        },
      };
    } catch (error) {
      throw error instanceof DirectiveError ? new Error(`${error.message} (at ${at})`) : error;
    }
  }
}

function checkName(name: string, { name: engine, title }: InstanceEngine, at: string): string {
  const { name: pattern, expected } = KINDS[`${engine}-instance`];
  if (pattern.test(name)) return name;
  const problem = `${title} does not accept it as a hostname`;
  return fail({
    action: 'name an instance',
    value: name,
    problem,
    expected: `${expected}; the name prop sets another name`,
    at,
  });
}

function checkType(type: unknown, at: string): 'container' | 'virtual-machine' {
  if (type === 'container' || type === 'virtual-machine') return type;
  const expected = '"container" or "virtual-machine"';
  return fail({ action: 'create an instance of type', value: type, problem: 'is unknown', expected, at: `${at}.type` });
}

function retention({ removalPolicy, readOnlyRoot }: InstanceProps, at: string): { readonly retain?: boolean } {
  if (removalPolicy !== undefined) return { retain: checkRemovalPolicy(removalPolicy, at) === 'retain' };
  // Nothing is lost with a root that the instance does not write to.
  return readOnlyRoot ? { retain: false } : {};
}

function withoutHost<P extends InstanceProps>(props: P, { title }: InstanceEngine, at: string): P {
  if (props.network !== 'host') return props;
  return fail({
    action: 'use network',
    value: props.network,
    problem: `an instance of ${title} has its own network`,
    expected: 'a Network, "none", or a SystemdService, NspawnMachine, PodmanService, DockerService or OciService',
    at: `${at}.network`,
  });
}

// An init hides what is mounted there.
function refuseSecrets({ secrets = [] }: InstanceProps, at: string): void {
  if (secrets.length > 0)
    fail({
      action: 'give secrets to',
      value: at,
      problem: 'it boots an init, which mounts a new /run over them',
      expected: 'a `command`, or an NspawnMachine',
      at: `${at}.secrets`,
    });
}

function checkGuest({ health }: InstanceProps, at: string): void {
  if (health === undefined) return;
  fail({
    action: 'probe',
    value: health,
    problem: "the host can't look into a virtual machine",
    expected: 'no health',
    at: `${at}.health`,
  });
}
