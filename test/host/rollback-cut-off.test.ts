import { type Host, type Image, IncusInstance, LxdInstance, NspawnMachine } from 'bulkhead';
import { planRollback, rollBack } from '../../lib/engine';
import { PLACE_SCRIPT } from '../../lib/engine/kinds/root-scripts';
import { type Transport, TransportError } from '../../lib/transport';
import { tarOf } from '../archives/made-tar';
import { describeHost, host, inventory, lab } from './host';
import { MadeImages } from './made-images';
import { Deployment } from './synth';

jest.setTimeout(600_000);

const CUT = 'the test has cut the connection';

/** A connection that is lost just before one of some commands, of which the first is 1. */
function cutBefore(isOne: (argv: readonly string[]) => boolean, target: number): Transport {
  const whole = host();
  let passed = 0;
  return {
    address: whole.address,
    run: async (argv, options) => {
      if (isOne(argv) && ++passed >= target) throw new TransportError(whole.address, CUT);
      return whole.run(argv, options);
    },
    hold: (argv, options) => whole.hold(argv, options),
    close: async () => {},
  };
}

interface Props {
  readonly image: Image;
  readonly command: readonly string[];
  readonly stopTimeout: '1s';
}

interface Case {
  readonly make: (host: Host, props: Props) => unknown;
  readonly root: string;
  /** A script that prints what there is, also beside that root. */
  readonly lists: string;
  /** A command that moves a root. */
  readonly moves: (argv: readonly string[]) => boolean;
  /** Before which of these a rollback is cut off. */
  readonly cuts: readonly number[];
}

const ofInstance = (engine: string, client: string, type: typeof IncusInstance | typeof LxdInstance): Case => ({
  make: (host, props) => new type(host, 'rc-back', { ...props, removalPolicy: 'destroy' }),
  root: `/var/lib/${engine}/storage-pools/bulkhead/containers/rc-back/rootfs`,
  lists: `${client} list --format csv --columns n`,
  // 1 moves the instance aside, 2 moves the previous one to its place, 3 moves the first to where the previous one was.
  moves: (argv) => argv.includes('POST'),
  cuts: [2, 3],
});

const CASES: Readonly<Record<string, Case>> = {
  machine: {
    make: (host, props) => new NspawnMachine(host, 'rc-back', { ...props, removalPolicy: 'destroy' }),
    root: '/var/lib/machines/rc-back',
    lists: 'ls -A /var/lib/machines',
    moves: (argv) => argv.includes(PLACE_SCRIPT),
    cuts: [1],
  },
  incus: ofInstance('incus', 'incus', IncusInstance),
  lxd: ofInstance('lxd', 'lxc', LxdInstance),
};

describeHost('a rollback that is cut off while it brings a root back', () => {
  const made = new MadeImages();
  afterAll(() => made.cleanUp());

  test.each(Object.entries(CASES))('loses nothing that was written, and leaves nothing aside: %s', async (_, given) => {
    const { make, root, lists, moves, cuts } = given;
    const before = await inventory();
    const busybox = await MadeImages.busybox();
    const version = (content: string) => {
      const image = made.of([busybox, tarOf([{ path: 'version', content }])]);
      return new Deployment('rc-stack', (scope) => {
        make(scope, { image, command: ['/bin/sleep', '1000'], stopTimeout: '1s' });
      });
    };
    const [one, two] = [version('one'), version('two')];
    const back = async (transport: Transport) => {
      const { plans } = await planRollback(host(), two.manifests);
      const shown = plans.flatMap(({ steps, desired }) => (desired && steps.length > 0 ? [desired] : []));
      const result = await rollBack(transport, shown, { asset: two.asset });
      expect([...result.values()].filter(Boolean)).toEqual([]);
    };
    const write = (text: string) => lab.sh('echo "$2" > "$1/written"', root, text);
    try {
      await one.apply();
      await write(' of one');
      await two.apply();
      for (const cut of cuts) {
        await write(' of two');
        await expect(back(cutBefore(moves, cut))).rejects.toThrow(CUT);
        await two.apply();
        expect(await two.differences()).toEqual([]);
        await back(host());
        expect({ cut, content: await lab.sh('cd "$1" && cat version written', root) }).toEqual({
          cut,
          content: 'one of one\n',
        });
        await two.apply();
        const there = await lab.sh(lists);
        await expect(back(cutBefore(moves, cut))).rejects.toThrow(CUT);
        await back(host());
        expect({ cut, version: await lab.sh('cat "$1/version"', root), there: await lab.sh(lists) }).toEqual({
          cut,
          version: 'one',
          there,
        });
        await two.apply();
      }
    } finally {
      await two.destroy();
      for (const each of [one, two]) each.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});
