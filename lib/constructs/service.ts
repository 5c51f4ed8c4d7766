import { Construct, type IConstruct } from 'constructs';
import { checkWritten, DirectiveError, type Format, type WrittenFile, writeFile } from '../directives';
import type { FilePart, ImagePart, Manifest, ObjectPart, UnitPart, UserPart } from '../manifest';
import type { Asset, Renderable } from '../rendering/service';
import { BulkheadService } from '../rendering/service-resource';
import { tokenEscaper } from '../rendering/tokens';
import { TerraformStack } from './cdktf';
import { Host } from './host';
import { checkProps, type KnownProps } from './known-props';
import { checkNormalForm } from './normal-form';
import { checkCopy } from './one-copy';
import type { Port } from './ports';
import { fail } from './problem';
import { requirementsOf } from './requirements';
import type { ManagedProps } from './service-props';
import type { User } from './user';

/** A native file before it is written. */
export interface NativeFile {
  readonly format: Format;
  readonly sections: Readonly<Record<string, object>>;
}

/** What a service is made of on its host. */
export interface Parts {
  /** Files made of directives, by path. */
  readonly natives?: Readonly<Record<string, NativeFile>>;
  readonly files?: Readonly<Record<string, FilePart>>;
  readonly images?: Readonly<Record<string, ImagePart>>;
  readonly objects?: Readonly<Record<string, ObjectPart>>;
  readonly units?: Readonly<Record<string, UnitPart>>;
  readonly users?: Readonly<Record<string, UserPart>>;
  /** Programs that it needs there, as the manifest says it: the least version, if any, and what for. */
  readonly requires?: Readonly<Record<string, string>>;
}

/** [Unit] directives that order a service after those it depends on. */
export type Ordering = Readonly<Record<'After' | 'Wants', readonly string[]>>;

/** A native file, and what it is written as. */
interface WrittenNative extends NativeFile {
  readonly path: string;
  readonly written: WrittenFile;
}

interface Built {
  readonly orderedAfter: string;
  readonly natives: readonly WrittenNative[];
  readonly manifest: Manifest;
}

const IS_SERVICE = Symbol.for('bulkhead/Service');
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** One thing that lands on a host as a whole. Which, its subclasses say. */
export abstract class Service extends Construct implements Renderable {
  /** The services at or below a construct. */
  static allIn(construct: IConstruct): Service[] {
    return construct.node.findAll().filter((node): node is Service => IS_SERVICE in node);
  }

  readonly host: Host;
  /** Name on the host. */
  readonly serviceName: string;
  /** Name of the systemd unit that runs it; undefined when it has none. */
  abstract readonly unitName: string | undefined;
  /** Ports of the host that it takes. */
  readonly ports: readonly Port[] = [];
  /** The user that it runs as, in a systemd and a podman of that user; undefined for those of the system. */
  readonly rootless: User | undefined;
  /** Its own address on the host's network; undefined when it shares the host's. */
  readonly address: string | undefined;
  /** Files that travel to the host beside the manifest. */
  readonly assets: readonly Asset[] = [];
  private readonly needs: IConstruct[] = [];
  private built: Built | undefined;

  protected constructor(
    scope: Construct,
    id: string,
    private readonly runtime: Manifest['runtime'],
    private readonly managed: ManagedProps,
    known: KnownProps<ManagedProps>,
  ) {
    super(scope, id);
    Object.defineProperty(this, IS_SERVICE, { value: true });
    checkCopy(this);
    checkProps(managed, known, this.node.path);
    this.host = Host.of(this);
    this.serviceName = nameOf(this, managed.name);
    this.host.add(this);
    const stack = TerraformStack.of(this);
    managed.dependsOn?.forEach((construct, index) => {
      const at = `${this.node.path}.dependsOn[${index}]`;
      if (!Construct.isConstruct(construct))
        fail({ action: 'depend on', value: construct, problem: 'is no construct', expected: 'a service', at });
      const other = TerraformStack.of(construct);
      if (other !== stack) stack.addDependency(other);
    });
    new BulkheadService(this, 'service', this);
    this.node.addValidation({ validate: () => this.problems() });
  }

  /** Constructs that must be there first. */
  get dependencies(): readonly IConstruct[] {
    return [...(this.managed.dependsOn ?? []), ...this.needs];
  }

  /** What the host gets. Complete only once the whole tree is: dependencies may still grow. */
  get manifest(): Manifest {
    return this.builtFor(this.ordering()).manifest;
  }

  /** @internal The services that it depends on. */
  servicesBefore(): Service[] {
    return this.dependencies.flatMap(Service.allIn);
  }

  /** What it is made of. Called again whenever the ordering or its directives changed. */
  protected abstract parts(ordering: Ordering): Parts;

  /** Writes it once, so that a value that no file can hold fails where it is given. */
  protected check(): void {
    this.builtFor({ After: [], Wants: [] });
  }

  /** Writes it anew after it has changed. */
  protected changed(): void {
    this.built = undefined;
    this.check();
  }

  /** Makes this service come after another construct, beside what `dependsOn` says. */
  protected require(construct: IConstruct): void {
    if (!this.needs.includes(construct)) this.needs.push(construct);
  }

  // Synthesis asks for it many times over.
  private builtFor(ordering: Ordering): Built {
    const orderedAfter = ordering.After.join();
    if (this.built?.orderedAfter !== orderedAfter) {
      const { natives: unwritten = {}, ...parts } = this.parts(ordering);
      const natives = Object.entries(unwritten).map(([path, native]) => this.write(path, native));
      this.built = { orderedAfter, natives, manifest: this.manifestOf(natives, parts) };
    }
    return this.built;
  }

  private manifestOf(natives: readonly WrittenNative[], parts: Omit<Parts, 'natives'>): Manifest {
    const { images = {}, objects = {}, units = {}, users = {}, requires } = parts;
    const { adopt } = this.managed;
    const { project } = this.host;
    const owner = this.rootless?.serviceName ?? 'root';
    const files: Record<string, FilePart> = {};
    for (const { path, written } of natives) files[path] = { content: written.text, mode: '0644', owner, group: owner };
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
      ...(adopt === undefined ? {} : { adopt }),
      files: Object.assign(files, parts.files),
      images,
      objects,
      units,
      users,
    };
    checkNormalForm(manifest);
    return manifest;
  }

  private write(path: string, { format, sections }: NativeFile): WrittenNative {
    try {
      return { path, format, sections, written: writeFile(format, sections, { tokens: tokenEscaper }) };
    } catch (error) {
      throw error instanceof DirectiveError ? new Error(`${error.message} (at ${this.node.path})`) : error;
    }
  }

  // Services that are ordered after each other by systemd are on one host, whichever construct stands for it, and
  // known to the same systemd.
  private ordering(): Ordering {
    const units = this.servicesBefore()
      .filter((service) => service !== this && service.host.address === this.host.address)
      .filter(({ rootless }) => rootless === this.rootless)
      .flatMap((service) => service.unitName ?? []);
    const names = [...new Set([...(this.rootless ? [this.rootless.podmanUnit] : []), ...units])];
    return { After: names, Wants: names };
  }

  private problems(): string[] {
    const target = { ...this.host.target, tokens: tokenEscaper };
    return this.builtFor(this.ordering())
      .natives.flatMap(({ format, sections, written }) => checkWritten(format, sections, written, target))
      .map(({ section, key, message }) => `Cannot use ${key} in [${section}]: ${message} (at ${this.node.path})`);
  }
}

function nameOf(service: Service, given: string | undefined): string {
  const { scopes, path } = service.node;
  const ids = scopes.slice(scopes.indexOf(service.host) + 1).map(({ node }) => node.id);
  const name = given ?? ids.join('-');
  if (typeof name !== 'string' || !NAME.test(name) || name.length > 200)
    fail({
      action: 'name a service',
      value: name,
      problem: given === undefined ? 'the construct ids below the host make no name' : 'is no name',
      expected: 'letters, digits, "_", "." and "-", beginning with a letter or digit, at most 200',
      at: given === undefined ? path : `${path}.name`,
    });
  return name;
}
