import { Construct, type IConstruct } from 'constructs';
import { checkWritten, DirectiveError, type Format, type WrittenFile, writeFile } from '../../directives/index';
import {
  type FilePart,
  kindOf,
  type Manifest,
  type ObjectPart,
  type Requirement,
  type UnitPart,
} from '../../manifest/index';
import type { Asset } from '../../rendering/service';
import { BulkheadService } from '../../rendering/service-resource';
import { tokenEscaper } from '../../rendering/tokens';
import { TerraformStack } from '../cdktf';
import { namedByAllDependents } from '../host/dependents';
import { Host } from '../host/host';
import { type HostedService, markService, type StatedClaim, servicesIn } from '../host/hosted-service';
import { withoutMadeHere } from '../host/made-here';
import { checkCopy } from '../host/one-copy';
import { revise, revisionOf } from '../host/revision';
import { fail } from '../problem';
import type { Account } from '../props/account';
import type { EnvironmentFilesProps } from '../props/environment';
import { checkProps, type KnownProps } from '../props/known-props';
import { checkNormalForm } from '../props/normal-form';
import { type Port, portClaim } from '../props/ports';
import { hasContent, type Use } from '../props/used';
import { sourcesRead, usesOf, type Volume } from '../props/volumes';
import { fileAccess } from './file-access';
import { type FileOwner, type HostPaths, hostPaths, ROOT, withoutVolatile } from './host-paths';
import { requirementsOf } from './requirements';
import { nameOf } from './service-name';
import { checkGenerations, type ManagedProps } from './service-props';
import { hasInstall, type UnitLife, withLife } from './unit-life';
import { unreloadable } from './unreloadable';

/** A native file before it is written. */
export interface NativeFile {
  readonly format: Format;
  readonly sections: Readonly<Record<string, object>>;
  /** Environment variables from the image. They are not secrets of the service. */
  readonly ofImage?: Readonly<Record<string, string>> | undefined;
}

/** The parts of a service on its host. */
export interface Parts {
  /** Files made of directives, by path. */
  readonly natives?: Readonly<Record<string, NativeFile>>;
  readonly files?: Readonly<Record<string, FilePart>>;
  readonly objects?: Readonly<Record<string, ObjectPart>>;
  readonly units?: Readonly<Record<string, UnitPart>>;
  /** Programs that the service needs on the host. */
  readonly requires?: Readonly<Record<string, Requirement>>;
  /** What the host must have before the service starts, and the props that name it. */
  readonly needs?: Readonly<Record<string, string>>;
}

/** [Unit] directives that order a service after its dependencies. */
export type Ordering = Readonly<Record<'After' | 'Wants', readonly string[]>>;

/** A native file with its text. */
interface WrittenNative extends NativeFile {
  readonly path: string;
  readonly written: WrittenFile;
}

interface Built {
  /** Revision of the tree at the time. */
  readonly revision: number;
  readonly orderedAfter: string;
  readonly natives: readonly WrittenNative[];
  readonly manifest: Manifest;
}

/** Something that is deployed to a host as a whole. Each subclass says how. */
export abstract class Service extends Construct implements HostedService {
  /** All services at or below a construct. */
  static allIn(construct: IConstruct): readonly Service[] {
    return servicesIn(construct);
  }

  /** The host of the service: the nearest {@link Host} above it in the tree. */
  readonly host: Host;
  /** Name on the host. */
  readonly serviceName: string;
  /** Name of the systemd unit that runs the service. Undefined when there is no unit. */
  abstract readonly unitName: string | undefined;
  /** Ports of the host that the service uses. */
  readonly ports: readonly Port[] = [];
  /** The user whose own systemd instance runs the service. Undefined when the system's systemd runs it. */
  readonly rootless: Account | undefined;
  /** @internal The prop that sets the names of the service's files. */
  readonly filesNamedBy: string = 'name';
  /** Files that are sent to the host beside the manifest. */
  readonly assets: readonly Asset[] = [];
  private isUsed = false;
  private readonly needs: IConstruct[] = [];
  private startedBy: IConstruct | undefined;
  private built: Built | undefined;
  private hostPaths: HostPaths | undefined;
  private uses: readonly Use[] = [];

  protected constructor(
    scope: Construct,
    id: string,
    private readonly runtime: Manifest['runtime'],
    private readonly managed: ManagedProps,
    known: KnownProps<ManagedProps>,
  ) {
    super(scope, id);
    markService(this);
    checkCopy(this);
    checkProps(managed, known, this.node.path);
    this.host = Host.of(this);
    this.serviceName = nameOf(this, this.host, managed.name);
    this.host.add(this);
    const stack = TerraformStack.of(this);
    checkGenerations(managed, this.node.path);
    managed.dependsOn?.forEach((construct, index) => {
      const at = `${this.node.path}.dependsOn[${index}]`;
      if (!Construct.isConstruct(construct))
        fail({ action: 'depend on', value: construct, problem: 'is not a construct', expected: 'a service', at });
      const other = TerraformStack.of(construct);
      if (other !== stack) stack.addDependency(other);
    });
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * Constructs that must be on the host before this service. A file or an image also comes after what all its users depend
   * on: if that fails, they stay as they are, and so does what they use.
   */
  get dependencies(): readonly IConstruct[] {
    const ofUsers = this.isUsed && this.unitName === undefined && hasContent(this) ? namedByAllDependents(this) : [];
    return [...(this.managed.dependsOn ?? []), ...this.needs, ...ofUsers];
  }

  /**
   * Everything that the host gets for this service. It is complete once the whole tree is built, since dependencies may
   * be added until then.
   */
  get manifest(): Manifest {
    return withoutMadeHere(this.made, this.host);
  }

  /** @internal */
  get made(): Manifest {
    return this.upToDate().manifest;
  }

  /** @internal What no other service of the host may have, beside the names of the service and of its parts. */
  get claims(): readonly StatedClaim[] {
    return this.ports.map((port, index) => ({ claim: portClaim(port, this.listensOn), prop: `ports[${index}]` }));
  }

  /** Address of a port without `ip`. `*` means every IPv4 and IPv6 address. */
  protected get listensOn(): '*' | '0.0.0.0' {
    return '*';
  }

  /** @internal The services that this service depends on. */
  servicesBefore(): Service[] {
    return this.dependencies.flatMap(Service.allIn);
  }

  /** @internal Those in its `dependsOn`. */
  servicesNamed(): Service[] {
    return (this.managed.dependsOn ?? []).flatMap(Service.allIn);
  }

  /** @internal Those that it uses. */
  servicesUsed(): Service[] {
    return this.needs.flatMap(Service.allIn);
  }

  /** @internal How its unit runs: as a program, as a job, or started by another unit. */
  get life(): UnitLife {
    return this.startedBy ? 'triggered program' : 'program';
  }

  /** Whether another unit starts what the service runs, and not the apply itself. */
  protected get isStartedLater(): boolean {
    return this.startedBy !== undefined;
  }

  /** @internal Lets another unit start this service. An apply and a boot then do not start it. @throws Error */
  startBy(trigger: IConstruct, at: string): void {
    if (this.startedBy && this.startedBy !== trigger)
      fail({
        action: 'start',
        value: this.node.path,
        problem: `${this.startedBy.node.path} already starts it`,
        expected: 'only one unit that starts it',
        at,
      });
    this.startedBy = trigger;
    this.changed();
  }

  /** Whether a health check decides when the service has started. */
  protected get isProbed(): boolean {
    return (this.managed as { readonly health?: unknown }).health !== undefined;
  }

  /** Whether a directive says how to reload the unit. Undefined when the unit cannot reload. */
  protected get reloads(): boolean | undefined {
    return undefined;
  }

  /** Adapts the defaults to the life of the unit, before the files are written. */
  protected adapt(): void {}

  /** The parts of the service. Called again when the ordering or the directives have changed. */
  protected abstract parts(ordering: Ordering): Parts;

  /** Adds the secrets of the service to its parts. */
  protected withSecrets(parts: Parts): Parts {
    return parts;
  }

  /** Creates the Terraform resources. A class may create other resources instead, or in addition. */
  protected render(): void {
    new BulkheadService(this, 'service', this);
  }

  /**
   * Ends the constructor of a subclass. It writes the files once, so that an invalid value fails in the constructor
   * that got it.
   */
  protected complete(): void {
    this.render();
    this.changed();
  }

  /** Writes the files again after a change. */
  protected changed(): void {
    this.outdate();
    this.upToDate();
  }

  /** @internal Marks the files as outdated. They are written again when they are needed next. */
  outdate(): void {
    this.built = undefined;
    revise(this);
  }

  /** Orders this service after another construct, in addition to `dependsOn`. Returns that construct. */
  protected require<T extends IConstruct | undefined>(construct: T): T {
    if (construct && !this.needs.includes(construct)) {
      if (construct instanceof Service) construct.isUsed = true;
      this.needs.push(construct);
      revise(this);
    }
    return construct;
  }

  /**
   * States the volumes and environment files of the service. Constructs among them come before the service, and missing
   * directories are created. Returns the sources and these directories, for the triggers of the unit.
   * @param owner Owner of a created directory. A made-up user differs at each start, so it could not write there.
   */
  protected reads(
    volumes: readonly Volume[],
    props: EnvironmentFilesProps = {},
    owner: FileOwner | 'made up' = ROOT,
  ): readonly Use[] {
    for (const source of sourcesRead(volumes, props)) this.require(source);
    const user = this.rootless?.serviceName;
    const ofUser = user === undefined ? owner : { owner: user };
    this.hostPaths = hostPaths(volumes, props, { owner: ofUser, path: this.node.path });
    for (const { from, onChange = 'restart' } of volumes) if (onChange !== 'restart') from?.writeInPlace?.();
    // A directory that was deleted stays mounted in what runs.
    const made = Object.keys(this.hostPaths.directories).map((key) => ({ usedAs: kindOf(key).of, fingerprint: '' }));
    this.uses = [...usesOf(volumes, props), ...made];
    return this.uses;
  }

  // Synthesis asks many times. A change elsewhere in the tree can change the order of this service, and nothing else.
  private upToDate(): Built {
    const revision = revisionOf(this.node.root);
    if (this.built?.revision === revision) return this.built;
    const ordering = this.ordering();
    const after = this.servicesOfHostBefore().map(({ serviceName }) => serviceName);
    const orderedAfter = [ordering.After, ordering.Wants, after].join(' ');
    this.built =
      this.built?.orderedAfter === orderedAfter
        ? { ...this.built, revision }
        : { revision, orderedAfter, ...this.build(ordering, after) };
    return this.built;
  }

  private build(ordering: Ordering, after: readonly string[]): Pick<Built, 'natives' | 'manifest'> {
    this.adapt();
    const { natives: unwritten = {}, ...parts } = this.withSecrets(this.parts(ordering));
    const natives = Object.entries(unwritten).map(([path, native]) => this.write(path, native));
    return { natives, manifest: this.manifestOf(natives, parts, after) };
  }

  private manifestOf(
    natives: readonly WrittenNative[],
    parts: Omit<Parts, 'natives'>,
    after: readonly string[],
  ): Manifest {
    const { requires } = parts;
    const objects = { ...this.hostPaths?.directories, ...parts.objects };
    const paths = this.hostPaths?.needs ?? {};
    const follows = this.isStartedLater || (this.managed.dependsOn ?? []).length > 0;
    const needs = { ...parts.needs, ...(follows ? withoutVolatile(paths) : paths) };
    const units = this.unitsAsToBe(parts.units ?? {}, natives);
    const { adopt, generations, rollback } = this.managed;
    const { project } = this.host;
    const owner = this.rootless?.serviceName ?? 'root';
    const claims = this.claims.map(({ claim }) => claim);
    const files: Record<string, FilePart> = {};
    for (const native of natives)
      files[native.path] = { content: native.written.text, ...fileAccess(native.path, native, owner) };
    const manifest: Manifest = {
      name: this.serviceName,
      ...(project === undefined ? {} : { project }),
      stack: TerraformStack.of(this).node.id,
      path: this.node.path,
      runtime: this.runtime,
      ...(this.rootless ? { user: this.rootless.serviceName } : {}),
      ...requirementsOf(
        natives.map(({ written }) => written.newest),
        requires,
      ),
      ...(after.length > 0 ? { after } : {}),
      ...(adopt === undefined ? {} : { adopt }),
      ...(generations === undefined ? {} : { generations: String(generations) }),
      ...(rollback === undefined || rollback ? {} : { rollback }),
      files: Object.assign(files, parts.files),
      units,
      objects,
      ...(claims.length > 0 ? { claims } : {}),
      ...(Object.keys(needs).length > 0 ? { needs } : {}),
    };
    checkNormalForm(manifest);
    return manifest;
  }

  private unitsAsToBe(units: NonNullable<Parts['units']>, natives: readonly WrittenNative[]): Manifest['units'] {
    const { unitName = '', life } = this;
    const unit = units[unitName];
    if (!unit) return units;
    const atBoot = natives.some((native) => native.path.endsWith(`/${unitName}`) && hasInstall(native));
    const settle = this.isProbed ? 0 : this.host.settleSec;
    const settling = {
      ...(life === 'program' && settle !== undefined ? { settle: String(settle) } : {}),
      ...(this.isProbed ? { probed: true } : {}),
    };
    return { ...units, [unitName]: { ...withLife(unit, life, { atBoot }), ...settling } };
  }

  private write(path: string, native: NativeFile): WrittenNative {
    const { format, sections } = native;
    try {
      return { ...native, path, written: writeFile(format, sections, { tokens: tokenEscaper }) };
    } catch (error) {
      throw error instanceof DirectiveError ? new Error(`${error.message} (at ${this.node.path})`) : error;
    }
  }

  /** Dependencies on the same host. Several Host constructs may stand for one host. */
  private servicesOfHostBefore(): Service[] {
    const services = this.servicesBefore().filter(
      (service) => service !== this && service.host.address === this.host.address,
    );
    return [...new Set(services)];
  }

  // systemd can order only units of the same systemd instance.
  private ordering(): Ordering {
    const [after, wanted] = [new Set<string>(), new Set<string>()];
    for (const service of this.servicesOfHostBefore()) {
      if (service.rootless !== this.rootless || !service.unitName) continue;
      after.add(service.unitName);
      // Wants= would run a job again at each start of this service, so only programs are wanted.
      if (service.life === 'program') wanted.add(service.unitName);
    }
    return { After: [...after], Wants: [...wanted] };
  }

  private problems(): string[] {
    const target = { ...this.host.versions, tokens: tokenEscaper };
    const written = this.upToDate()
      .natives.flatMap(({ format, sections, written }) => checkWritten(format, sections, written, target))
      .map(({ section, key, message }) => `Cannot use ${key} in [${section}]: ${message} (at ${this.node.path})`);
    return [...unreloadable(this.uses, this.reloads), ...written];
  }
}
