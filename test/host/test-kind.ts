import type { Host } from 'bulkhead';
import { type KindName, parseObjectKey } from '../../lib/manifest';
import { inventory, lab } from './host';
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

/**
 * What holds for each kind of object: the engine makes it, sees it changed, repairs it, and removes only its own.
 * @param before The inventory of the host without any.
 */
export function testKind(kind: KindName, { make, break: change, seen, foreign }: KindCase, before: () => string): void {
  describe(kind, () => {
    let deployment: Deployment;
    const nameOf = () => {
      const keys = deployment.manifests.flatMap(({ objects }) => Object.keys(objects));
      const key = keys.map(parseObjectKey).find((parsed) => parsed?.kind === kind);
      if (!key) throw new Error(`no service of the case has an object of kind ${kind}`);
      return key.name;
    };

    beforeAll(() => {
      deployment = new Deployment(`kind-${kind}`, make);
    });
    afterAll(() => deployment.cleanUp());

    test('is made, and then there is nothing to do', async () => {
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
    });

    test('is repaired when it was changed', async () => {
      await lab.sh(change, nameOf());
      expect(await deployment.differences()).toContainEqual(expect.stringMatching(seen));
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
    });

    test('leaves nothing', async () => {
      await deployment.destroy();
      expect(await inventory()).toBe(before());
    });

    test('does not touch one of the same name that something else made', async () => {
      await lab.sh(foreign.make, nameOf());
      try {
        const there = await lab.sh(foreign.tell, nameOf());
        await expect(deployment.apply()).rejects.toThrow('of that name that Bulkhead did not create');
        await deployment.destroy();
        expect(await lab.sh(foreign.tell, nameOf())).toBe(there);
      } finally {
        await lab.sh(foreign.remove, nameOf());
      }
      expect(await inventory()).toBe(before());
    });
  });
}
