import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from 'bulkhead';
import { App, DataResource, TerraformStack } from 'cdktf';
import { toTemplate } from '../../lib/rendering/tokens';
import * as hostile from '../directives/support/hostile';
import fc from '../fast-check';
import { ADDRESS, describeHost, lab } from './host';
import {
  type Accepted,
  difference,
  IDLE,
  type Props,
  prepare,
  propsWith,
  propsWithAll,
  ROOT,
  serviceOf,
  trialOf,
} from './hostile-services';
import { NAMES, type Name, PLACES, type Place, RUNTIMES, refusalOf, VALUES } from './hostile-values';
import { type Running, type Runtime, running } from './running';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { Deployment } from './synth';

const TABLE = RUNTIMES.flatMap((runtime) => PLACES.map((place) => [runtime, place] as const)).filter(
  ([runtime, place]) => place !== 'environmentFile' || runtime === 'systemd' || runtime === 'podman',
);

/** What synthesis says of a value in a place, if it refuses it. */
function refused(runtime: Runtime, place: Place, name: Name): string | undefined {
  const host = new Host(new TerraformStack(new App({ outdir: scratch }), 'hostile'), 'host', { address: ADDRESS });
  try {
    trialOf(runtime, host, propsWith(place, name, host));
    return host.node.findAll().flatMap(({ node }) => node.validate())[0];
  } catch (error) {
    return (error as Error).message;
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-hostile-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const accepted = new Map<Runtime, Accepted>(
  RUNTIMES.map((runtime) => {
    const places = TABLE.filter(([other]) => other === runtime).map(([, place]) => place);
    return [runtime, new Map(places.map((place) => [place, NAMES.filter((name) => !refusalOf(runtime, place, name))]))];
  }),
);
const acceptedBy = (runtime: Runtime): Accepted => accepted.get(runtime) ?? new Map();

/** One line per value. */
const outcomes = (entries: readonly (readonly [Name, string | undefined])[]) =>
  Object.fromEntries(entries.map(([name, outcome]) => [name, outcome ?? 'as it is']));

describe('a hostile value', () => {
  test.each(TABLE)('of a service of %s, as its %s, is refused with its construct path or taken', (runtime, place) => {
    const actual = NAMES.map((name) => {
      const message = refused(runtime, place, name);
      const expected = refusalOf(runtime, place, name);
      const as = message && expected && message.includes(expected) && /\(at hostile\/host\//.test(message);
      return [name, as ? expected : message] as const;
    });
    expect(outcomes(actual)).toEqual(outcomes(NAMES.map((name) => [name, refusalOf(runtime, place, name)])));
  });
});

const SETS = 30;

/** Random words and variables, of what a runtime takes. */
const randomSets = new Map(
  RUNTIMES.map((runtime) => {
    const word = runtime === 'nspawn' ? hostile.line : hostile.text;
    const value = runtime === 'podman' ? word.map((text) => text.replace(/\r+\n/g, '\n')) : word;
    const environment = fc.dictionary(hostile.name, value, { maxKeys: 3 });
    return [runtime, hostile.sample(fc.record({ words: fc.array(word, { maxLength: 5 }), environment }), SETS)];
  }),
);

/** One service for all sets of a runtime: a word between their words, and a prefix to their variables. */
function randomProps(runtime: Runtime): Props {
  const sets = randomSets.get(runtime) ?? [];
  const variables = sets.flatMap(({ environment }, set) =>
    Object.entries(environment).map(([name, value]) => [`R${set}_${name}`, value]),
  );
  return {
    command: ['/bin/sh', ...IDLE, ...sets.flatMap(({ words }, set) => [`set ${set}`, ...words])],
    environment: Object.fromEntries(variables),
  };
}

const build: Build = (host) => {
  for (const runtime of RUNTIMES) {
    const common = { stopTimeout: '2s' } as const;
    serviceOf(runtime, host, `h-${runtime}`, { ...propsWithAll(runtime, acceptedBy(runtime), host), ...common });
    serviceOf(runtime, host, `r-${runtime}`, { ...randomProps(runtime), ...common });
  }
};

interface Deployer {
  readonly apply: () => Promise<unknown>;
  /** What it would change now. */
  readonly plan: () => Promise<string>;
  readonly destroy: () => Promise<unknown>;
}

function arriveThrough(deployer: () => Deployer): void {
  let tool: Deployer;

  beforeAll(async () => {
    await prepare(accepted);
    tool = deployer();
    await tool.apply();
  });
  afterAll(async () => {
    await tool.destroy();
    await lab.sh('! [ -e "$1/etc" ] && rm -r "$1"', ROOT);
  });

  describe.each(RUNTIMES)('to a process of %s', (runtime) => {
    let seen: Running;
    beforeAll(async () => {
      seen = await running(runtime, `h-${runtime}`);
    });

    test.each(TABLE.filter(([other]) => other === runtime))('%s: each %s as it is', async (_, place) => {
      const all = acceptedBy(runtime);
      const names = all.get(place) ?? [];
      const actual = names.map((name) => [name, difference(runtime, place, name, all, seen)] as const);
      expect(outcomes(actual)).toEqual(outcomes(names.map((name) => [name, undefined])));
    });

    test(`${SETS} random sets of words and variables as they are`, async () => {
      const { argv, environment } = await running(runtime, `r-${runtime}`);
      const own = Object.fromEntries(Object.entries(environment).filter(([name]) => /^R\d+_/.test(name)));
      const { command, environment: wanted } = randomProps(runtime);
      expect({ seed: hostile.seed, argv, environment: own }).toEqual({
        seed: hostile.seed,
        argv: command,
        environment: wanted,
      });
    });
  });

  test('and a second plan is empty', async () => {
    expect(await tool.plan()).toBe('');
  });
}

describeHost('hostile values arrive by the apply helper', () => {
  let deployment: Deployment;
  arriveThrough(() => {
    deployment = new Deployment('hostile', build as (host: Host) => void);
    return {
      apply: () => deployment.apply(),
      plan: async () => (await deployment.differences()).join('\n'),
      destroy: () => deployment.destroy(),
    };
  });
  afterAll(() => deployment.cleanUp());
});

describeTerraformOnHost('hostile values arrive by Terraform', () => {
  let stack: Stack;
  arriveThrough(() => {
    stack = new Stack('hostile');
    return {
      apply: () => stack.apply(build, '-parallelism=50'),
      plan: () => stack.plan(),
      destroy: () => stack.destroy(),
    };
  });
  afterAll(() => stack.cleanUp());
});

/** A resource whose output is a text, which Terraform knows only when it applies. */
function outputOf(stack: TerraformStack, id: string, text: string): string {
  const there = stack.node.tryFindChild(id) as DataResource | undefined;
  return (there ?? new DataResource(stack, id, { input: toTemplate(text) as never })).getStringAttribute('output');
}

/** A service with tokens in its environment and arguments. */
function tokenService(
  host: Host,
  runtime: Runtime,
  id: string,
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): void {
  serviceOf(runtime, host, id, { environment, command: ['/bin/sh', ...IDLE, ...words], stopTimeout: '2s' });
}

describeTerraformOnHost('the output of another resource', () => {
  let stack: Stack;
  // As words of podman these two are lost.
  const words = (runtime: Runtime) =>
    (acceptedBy(runtime).get('argument') ?? []).filter(
      (name) => runtime !== 'podman' || (name !== 'empty' && name !== 'semicolon'),
    );
  const values = (runtime: Runtime) => acceptedBy(runtime).get('environment') ?? [];
  const variable = (name: Name) => `T_${NAMES.indexOf(name)}`;

  beforeAll(async () => {
    stack = new Stack('hostile-outputs');
    await stack.apply((host, scope) => {
      const output = (name: Name) => outputOf(scope, `value-${NAMES.indexOf(name)}`, VALUES[name]);
      for (const runtime of RUNTIMES) {
        const environment = Object.fromEntries(values(runtime).map((name) => [variable(name), `<${output(name)}>`]));
        tokenService(host, runtime, `o-${runtime}`, environment, words(runtime).map(output));
      }
    });
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
  });

  test.each(RUNTIMES)('arrives in the environment and arguments of %s as it is', async (runtime) => {
    const { argv, environment } = await running(runtime, `o-${runtime}`);
    expect(argv.slice(1 + IDLE.length)).toEqual(words(runtime).map((name) => VALUES[name]));
    expect(values(runtime).map((name) => [name, environment[variable(name)]])).toEqual(
      values(runtime).map((name) => [name, `<${VALUES[name]}>`]),
    );
  });

  test('is planned once', async () => {
    expect(await stack.plan()).toBe('');
  });
});

describeTerraformOnHost('an output that a runtime can not be given', () => {
  let stack: Stack;
  beforeAll(() => {
    stack = new Stack('hostile-lost');
  });
  afterAll(async () => {
    // The network of the machines was made: nothing is wrong with it.
    await stack.apply(() => {});
    stack.cleanUp();
  });

  test('is an error of Terraform, and nothing is written', async () => {
    await stack.prepare((host, scope) => {
      const injected = outputOf(scope, 'injected', 'a\nDropCapability=all');
      tokenService(host, 'nspawn', 'l-lines', { A: injected }, []);
      tokenService(host, 'nspawn', 'l-words', {}, [injected]);
      tokenService(host, 'podman', 'l-empty', {}, [outputOf(scope, 'empty', '')]);
      tokenService(host, 'podman', 'l-semicolon', {}, [outputOf(scope, 'semicolon', ';')]);
      tokenService(host, 'podman', 'l-cr', { A: outputOf(scope, 'cr', 'a\r\nb') }, []);
    });
    const { exitCode, output } = await stack.terraform.run(['apply', '-no-color', '-auto-approve']);
    expect(exitCode).toBe(1);
    for (const id of ['lines', 'words', 'empty', 'semicolon', 'cr'])
      expect(output).toMatch(new RegExp(`in resource\\.bulkhead_service\\.host_l-${id}_`));
    expect(output.match(/Error: Error in function call/g)).toHaveLength(5);
    expect(
      await lab.sh('ls -d /etc/systemd/*/l-* /etc/containers/systemd/l-* /var/lib/machines/l-* 2>&1 || :'),
    ).toMatch(/^(ls: cannot access '.*': No such file or directory\n){3}$/);
  });
});
