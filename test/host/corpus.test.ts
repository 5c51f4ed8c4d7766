import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkDirectives, type Format } from '../../lib/directives';
import { type Files, instanceOf, linesOf } from '../directives/support/manager';
import {
  parseUnit,
  writeLink,
  writeNetdev,
  writeNetwork,
  writeNspawn,
  writeUnit,
} from '../directives/support/read-write';
import { describeHost, lab } from './host';
import { dumpOnHost } from './host-manager';

interface Original {
  /** Path on the host, without the `/` in front. */
  readonly path: string;
  readonly format: Exclude<Format, 'quadlet'>;
  readonly text: string;
}

const UNIT = /\.(?:service|socket|target|mount|automount|swap|timer|path|slice|scope)(?:\.d\/[^/]*\.conf)?$/;
const OTHER = /\.(network|netdev|link|nspawn)(?:\.example)?$/;
const WRITERS = { unit: writeUnit, network: writeNetwork, netdev: writeNetdev, link: writeLink, nspawn: writeNspawn };

/** The files of the host's packages that systemd reads. */
async function originals(): Promise<Original[]> {
  const packed = await lab.run(['tar', '-c', '-C', '/', 'usr/lib/systemd']);
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  try {
    spawnSync('tar', ['-x', '-C', folder], { input: packed.stdout });
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.flatMap((entry): Original[] => {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(folder.length + 1);
      const format = UNIT.test(path) ? 'unit' : (OTHER.exec(path)?.[1] as Original['format'] | undefined);
      return entry.isFile() && format ? [{ path, format, text: readFileSync(file, 'utf8') }] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const typed = ({ text, format }: Original) => parseUnit(text, format);
const rewritten = (original: Original) => WRITERS[original.format](typed(original));

describeHost("the unit files of the host's packages", () => {
  let corpus: readonly Original[] = [];
  beforeAll(async () => {
    corpus = await originals();
  });

  test('are more than 250, of most types', () => {
    expect(corpus.length).toBeGreaterThan(250);
    const types = new Set(corpus.map(({ path }) => /\.(\w+)(?:\.example)?$/.exec(path)?.[1]));
    expect([...types]).toEqual(expect.arrayContaining(['service', 'socket', 'timer', 'mount', 'network', 'link']));
  });

  test('have no problem', async () => {
    const systemd = Number(/^systemd (\d+)/.exec(await lab.sh('systemctl --version'))?.[1]);
    const problems = corpus.flatMap((original) =>
      checkDirectives(original.format, typed(original), { systemd }).map((problem) => ({
        path: original.path,
        ...problem,
      })),
    );
    expect(problems).toEqual([]);
  });

  test('are the same typed objects after they were written and read again', () => {
    for (const original of corpus) {
      const again = parseUnit(rewritten(original), original.format);
      expect({ path: original.path, ...again }).toEqual({ path: original.path, ...typed(original) });
    }
  });

  test.each(['usr/lib/systemd/system', 'usr/lib/systemd/user'])(
    'of %s are the same units to the service manager when written anew',
    async (folder) => {
      const units = corpus.filter(({ path, format }) => format === 'unit' && path.startsWith(`${folder}/`));
      const files = (textOf: (original: Original) => string): Files =>
        Object.fromEntries(units.map((unit) => [unit.path.slice(folder.length + 1), textOf(unit)]));
      const names = units.filter(({ path }) => dirname(path) === folder).map(({ path }) => basename(path));
      const instances = new Set(names.map(instanceOf));
      const before = understood((await dumpOnHost(files(({ text }) => text))).units, instances);
      const after = understood((await dumpOnHost(files(rewritten))).units, instances);
      expect(Object.entries(before).filter(([, lines]) => lines.length < 10)).toEqual([]);
      expect(after).toEqual(before);
    },
  );
});

/** The lines of the units of some names. */
function understood(units: ReadonlyMap<string, string>, names: ReadonlySet<string>): Record<string, string[]> {
  // What is mounted at the moment, beside the mounts of the files, is of no interest.
  const ofFiles = (line: string) => {
    const mount = /: (\S+\.mount) \(/.exec(line)?.[1];
    return mount === undefined || names.has(mount);
  };
  return Object.fromEntries([...names].map((name) => [name, linesOf(units.get(name) ?? '').filter(ofFiles)]));
}
