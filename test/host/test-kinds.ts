import { existsSync } from 'node:fs';
import type { Host } from 'bulkhead';
import { apply } from '../../lib/engine';
import { type KindName, parseObjectKey } from '../../lib/manifest';
import { host, inventory, lab, skipReason } from './host';
import { Deployment } from './synth';

/** What to try with one kind of object. Texts of sh get the name of the object as `$1`. */
export interface KindCase {
  /** Puts services on a host, one of which has the object. */
  readonly make: (host: Host) => void;
  /** Changes it behind Bulkhead's back. */
  readonly break: string;
  /** The step of the next plan that says so. */
  readonly seen: RegExp;
  /** Makes one of the same name that is not Bulkhead's, tells what it is, and removes it. */
  readonly foreign: { readonly make: string; readonly tell: string; readonly remove: string };
}

/** A case, with its services as they are synthesized. */
class Subject {
  private readonly deployment: Deployment;
  /** Name of the object. */
  readonly name: string;

  constructor(
    readonly kind: KindName,
    readonly of: KindCase,
  ) {
    this.deployment = new Deployment(`kind-${kind}`, of.make);
    const key = this.objects.map(parseObjectKey).find((parsed) => parsed?.kind === kind);
    if (!key) throw new Error(`no service of the case has an object of kind ${kind}`);
    this.name = key.name;
  }

  readonly asset = (sha256: string): string => this.deployment.asset(sha256);

  get manifests() {
    return this.deployment.manifests;
  }

  /** Keys of its objects. */
  get objects(): string[] {
    return this.manifests.flatMap(({ objects }) => Object.keys(objects));
  }

  readonly differences = () => this.deployment.differences();
  readonly cleanUp = () => this.deployment.cleanUp();

  /** Runs one of the texts of the case. */
  readonly sh = (script: string) => lab.sh(script, this.name);
}

/** Groups of cases that can be on a host at once: no two have an object or a service in common. */
function groupsOf(subjects: readonly Subject[]): Subject[][] {
  const groups: { readonly members: Subject[]; readonly taken: Set<string> }[] = [];
  for (const subject of subjects) {
    // All services of a network are in its subnet, which is nothing that is made.
    const objects = subject.objects.filter((key) => parseObjectKey(key)?.kind !== 'subnet');
    const keys = [...objects, ...subject.manifests.map(({ name }) => name)];
    const free = groups.find(({ taken }) => !keys.some((key) => taken.has(key)));
    const group = free ?? { members: [], taken: new Set<string>() };
    if (!free) groups.push(group);
    group.members.push(subject);
    for (const key of keys) group.taken.add(key);
  }
  return groups.map(({ members }) => members);
}

/**
 * What holds for each kind of object: the engine makes it, sees it changed, repairs it, and removes only its own.
 * @param before The inventory of the host without any.
 */
export function testKinds(cases: Readonly<Partial<Record<KindName, KindCase>>>, before: () => string): void {
  const subjects = skipReason ? [] : Object.entries(cases).map(([kind, of]) => new Subject(kind as KindName, of));
  afterAll(() => {
    for (const { cleanUp } of subjects) cleanUp();
  });

  const groups = skipReason ? [[]] : groupsOf(subjects);
  describe.each(groups.map((group) => [group.map(({ kind }) => kind).join(', '), group] as const))('%s', (_, group) => {
    const manifests = group.flatMap((subject) => subject.manifests);
    const asset = (sha256: string) => group.map((subject) => subject.asset(sha256)).find(existsSync) ?? '';

    /** For each kind, what went wrong with its services. */
    const errors = async (wanted: Parameters<typeof apply>[1]): Promise<Record<string, string>> => {
      const result = await apply(host(), wanted, { asset });
      return Object.fromEntries(
        group.map((subject) => {
          const of = subject.manifests.map(({ name }) => result.get(name)?.message ?? '');
          return [subject.kind, of.join('')];
        }),
      );
    };
    const applied = () => errors({ manifests, remove: [] });
    const destroyed = () => errors({ manifests: [], remove: manifests.map(({ name }) => name) });
    const none = Object.fromEntries(group.map(({ kind }) => [kind, '']));
    const forEach = async <T>(look: (subject: Subject) => Promise<T>): Promise<Record<string, T>> => {
      const all: Record<string, T> = {};
      for (const subject of group) all[subject.kind] = await look(subject);
      return all;
    };
    const nothing = Object.fromEntries(group.map(({ kind }) => [kind, [] as string[]]));

    test('are made, and then there is nothing to do', async () => {
      expect(await applied()).toEqual(none);
      expect(await forEach(({ differences }) => differences())).toEqual(nothing);
    });

    test('are repaired when they were changed', async () => {
      await forEach((subject) => subject.sh(subject.of.break));
      for (const subject of group)
        expect(await subject.differences()).toContainEqual(expect.stringMatching(subject.of.seen));
      expect(await applied()).toEqual(none);
      expect(await forEach(({ differences }) => differences())).toEqual(nothing);
    });

    test('leave nothing', async () => {
      expect(await destroyed()).toEqual(none);
      expect(await inventory()).toBe(before());
    });

    test('do not touch those of the same names that something else made', async () => {
      await forEach((subject) => subject.sh(subject.of.foreign.make));
      try {
        const tell = () => forEach((subject) => subject.sh(subject.of.foreign.tell));
        const there = await tell();
        const refused = expect.stringContaining('of that name that Bulkhead did not create');
        expect(await applied()).toEqual(Object.fromEntries(group.map(({ kind }) => [kind, refused])));
        expect(await destroyed()).toEqual(none);
        expect(await tell()).toEqual(there);
      } finally {
        await forEach((subject) => subject.sh(subject.of.foreign.remove));
      }
      expect(await inventory()).toBe(before());
    });
  });
}
