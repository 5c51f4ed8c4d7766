import { type Host, Image, NspawnMachine, SystemdService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { SEQUENCE_SCRIPT } from '../../lib/engine/sequence';
import { type Transport, TransportError } from '../../lib/transport';
import { describeHost, host, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(600_000);

/** The commands of a sequence, each with all its words in the arguments of the script. */
function commandsOf(words: readonly string[]): string[][] {
  const commands: string[][] = [];
  for (let at = 0; at < words.length; ) {
    const end = at + 3 + Number(words[at + 2]);
    commands.push(words.slice(at, end));
    at = end;
  }
  return commands;
}

/** A connection that is lost as soon as it has run some commands, in however few sessions they come. */
function cutAfter(commands: number): Transport {
  const whole = host();
  let left = commands;
  const cut = () => new TransportError(whole.address, 'the test has cut the connection');
  return {
    address: whole.address,
    async run(argv, options) {
      const script = argv.indexOf(SEQUENCE_SCRIPT);
      if (script < 0) {
        if (left-- <= 0) throw cut();
        return whole.run(argv, options);
      }
      const first = script + 2;
      const all = commandsOf(argv.slice(first));
      const some = all.slice(0, left);
      left -= all.length;
      const result = await whole.run([...argv.slice(0, first), ...some.flat()], options);
      if (left < 0) throw cut();
      return result;
    },
    hold: (argv, options) => whole.hold(argv, options),
    close: async () => {},
  };
}

describeHost('an apply that is cut off between any two of its commands', () => {
  const sleeper = (scope: Host, name: string, seconds: number, target = 'multi-user.target', after?: string) =>
    new SystemdService(scope, name, {
      command: ['/usr/bin/sleep', String(seconds)],
      directives: { Install: { WantedBy: target }, ...(after && { Unit: { After: [after] } }) },
    });
  const stacks: Readonly<Record<string, readonly [(scope: Host) => void, (scope: Host) => void]>> = {
    units: [
      (scope) => {
        // systemd keeps what it knows of a unit for as long as another one names it.
        sleeper(scope, 'x-changes', 1000, 'multi-user.target', 'x-leaves.service');
        sleeper(scope, 'x-leaves', 1000);
      },
      (scope) => {
        sleeper(scope, 'x-changes', 2000, 'rescue.target');
        sleeper(scope, 'x-comes', 1000);
      },
    ],
    'the root of a machine': [
      (scope) =>
        new NspawnMachine(scope, 'x-machine', { image: Image.ociArchive(images().ociArchive), stopTimeout: '1s' }),
      (scope) =>
        new NspawnMachine(scope, 'x-machine', {
          image: Image.tar(images().tar),
          command: ['/bin/sleep', '1000'],
          stopTimeout: '1s',
        }),
    ],
  };

  test.each(Object.entries(stacks))('is finished by the next one: %s', async (_, [first, second]) => {
    const nothing = await inventory();
    const [before, after] = [new Deployment('x-stack', first), new Deployment('x-stack', second)];
    const namesOf = ({ manifests }: Deployment) => manifests.map(({ name }) => name);
    /** From one to the other, and never both: what only the one has is removed. */
    const change = async (from: Deployment, to: Deployment, transport: Transport) => {
      const remove = namesOf(from).filter((name) => !namesOf(to).includes(name));
      const result = await apply(transport, { manifests: to.manifests, remove }, { asset: to.asset });
      return [...result.values()].filter(Boolean);
    };
    for (let commands = 0, isCut = true; isCut; commands++) {
      expect({ commands, errors: await change(after, before, host()) }).toEqual({ commands, errors: [] });
      isCut = await change(before, after, cutAfter(commands)).then(
        () => false,
        (error: Error) => error.message === 'the test has cut the connection',
      );
      // Whoever asks about a unit makes systemd read what is left of it.
      await lab.sh('systemctl show -P UnitFileState x-changes x-leaves x-comes x-machine');
      expect({ commands, errors: await change(before, after, host()) }).toEqual({ commands, errors: [] });
      expect({ commands, differences: await after.differences() }).toEqual({ commands, differences: [] });
    }
    await apply(host(), { manifests: [], remove: namesOf(after) }, { asset: after.asset });
    expect(await inventory()).toBe(nothing);
    before.cleanUp();
    after.cleanUp();
  });
});
