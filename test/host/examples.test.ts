import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Raw } from '../../lib/directives/values';
import type { Manifest } from '../../lib/manifest';
import { readBundle } from '../../lib/rendering/read-bundle';
import { bulkhead, root } from '../cli/command';
import { parseUnit } from '../directives/support/read-write';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory, lab } from './host';
import { practiceHost } from './stack';
import { synthesizeExamples } from './synthesize-examples';

jest.setTimeout(600_000);

const EXAMPLES = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const isQuadlet = (path: string) => path.includes('/containers/systemd/') && !path.endsWith('.yaml');

/** Quadlet's output for a file beside others: as it is, and with each of its lines left out in turn. */
async function unitsWithout(path: string, others: readonly string[], lines: number): Promise<string[]> {
  const printed = await lab.sh(
    `lines=$1 scratch=$(mktemp -d); shift
    case $1 in /etc/*) user= ;; *) user=-user ;; esac
    trap 'rm -r "$scratch"' EXIT
    for line in $(seq 0 "$lines"); do
      cp "$@" "$scratch"
      [ "$line" = 0 ] || sed -i "\${line}d" "$scratch/\${1##*/}"
      printf '\\0'
      QUADLET_UNIT_DIRS=$scratch /usr/libexec/podman/quadlet $user -dryrun -no-kmsg-log 2>/dev/null || :
    done`,
    String(lines),
    path,
    ...others,
  );
  return printed.split('\0').slice(1).map(withoutCopies);
}

/** Of each section of its own, Quadlet keeps a copy in the unit, which systemd ignores. */
function withoutCopies(units: string): string {
  return units.replaceAll(/^\[X-.*?\n(?=\[|---)/gms, '').replace(/^\[X-.*/ms, '');
}

/** The lines of a Quadlet file without which its units are the same. */
async function idleLines(path: string, others: readonly string[], content: string): Promise<string[]> {
  const lines = content.split('\n');
  const [all, ...without] = await unitsWithout(path, others, lines.length);
  return lines.filter((line, index) => /^\w+=/.test(line) && !forOthers(path).test(line) && without[index] === all);
}

/** The values of a Quadlet file that are in none of its units. */
async function lostValues(path: string, others: readonly string[], content: string): Promise<string[]> {
  const [units = ''] = await unitsWithout(path, others, 0);
  const kept = units
    .split(/^---.*---$/m)
    .flatMap((unit) => textsOf(parseUnit(unit, 'unit')))
    .map((text) => text.toLowerCase());
  const own = parseUnit(content.replace(forOthers(path), ''), 'quadlet');
  const values = textsOf(own).filter((value) => !isReference(value));
  return values.filter((value) => !kept.some((text) => text.includes(value.toLowerCase())));
}

/** What is in a file only for those that name it. */
function forOthers(path: string): RegExp {
  return path.endsWith('.image') ? /^ImageTag=.*$/m : /(?!)/;
}

/** All texts and numbers in the sections of a file. */
function textsOf(sections: unknown): string[] {
  if (typeof sections === 'string' || typeof sections === 'number') return [String(sections)];
  if (sections instanceof Raw) return [sections.text];
  return typeof sections === 'object' && sections !== null ? Object.values(sections).flatMap(textsOf) : [];
}

/** Whether a value names another Quadlet file, which becomes the name of what that file makes. */
function isReference(value: string): boolean {
  return /\.(?:container|volume|network|pod|image|build|kube)(?::|$)/.test(value);
}

const applied = new Map<string, readonly Manifest[]>();

/** The manifests of an example that is on the host. @throws Error for one that could not be applied */
function example(name: string): readonly Manifest[] {
  const found = applied.get(name);
  if (!found) throw new Error(`${name} was not applied`);
  return found;
}

describeHost('the example', () => {
  let before: string;
  let bundles: string;
  const differences = async () => {
    const { code, stdout, stderr } = await bulkhead(['plan', '--detailed-exitcode', '--bundle', bundles, '*']);
    return code === 0 ? '' : `${stdout}${stderr}`;
  };

  beforeAll(async () => {
    // On a machine without the image of web-app-podman, the synthesis builds it.
    bundles = synthesizeExamples(EXAMPLES);
    await startDocker();
    before = await inventory();
  });
  afterAll(stopDocker);

  describe.each(EXAMPLES)('%s', (name) => {
    const files = () => example(name).flatMap((manifest) => Object.entries(manifest.files));

    test('is applied beside the others', async () => {
      const bundle = join(bundles, name);
      expect(await bulkhead(['apply', '--auto-approve', '--bundle', bundle])).toMatchObject({ stderr: '', code: 0 });
      applied.set(
        name,
        readBundle(bundle).hosts.flatMap((host) => host.manifests),
      );
    });

    test('has units that systemd finds nothing wrong with', async () => {
      const units = example(name).flatMap(({ user, units }) => (user === undefined ? Object.keys(units) : []));
      const paths = (await lab.sh('for unit; do systemctl show -P FragmentPath "$unit"; done', ...units)).trim();
      const verify = ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', ...paths.split('\n')];
      const { exitCode, stdout, stderr } = await lab.run(units.length > 0 ? verify : ['true']);
      // It looks for programs on the host, where those of an image are not.
      const said = `${stdout}${stderr}`.split('\n').filter((line) => !runsFromImage(line, files()));
      expect({ exitCode: said.join('') === '' ? 0 : exitCode, said: said.join('\n') }).toEqual({
        exitCode: 0,
        said: '',
      });
    });

    test('has Quadlet files of which no line and no value is lost', async () => {
      const quadlets = files().filter(([path]) => isQuadlet(path));
      for (const [path, { content = '' }] of quadlets) {
        const others = quadlets.flatMap(([other]) => (other === path ? [] : [other]));
        const [idle, lost] = [await idleLines(path, others, content), await lostValues(path, others, content)];
        expect({ path, idle, lost }).toEqual({ path, idle: [], lost: [] });
      }
    });

    test('has settings that systemd-nspawn knows', async () => {
      for (const [path, { content = '' }] of files().filter(([path]) => path.endsWith('.nspawn')))
        expect({ path, said: await complaintsOfNspawn(content) }).toEqual({ path, said: [] });
    });
  });

  test('matches, as all others do: two further plans are empty', async () => {
    for (let round = 1; round <= 2; round++) expect(await differences()).toBe('');
  });

  test('ten-systems has services that answer, whatever runs them', async () => {
    expect(await answersOfTen()).toBe(ALL_TEN);
  });

  test('matches after a restart of the host, as all others do', async () => {
    await practiceHost.restart();
    await lab.sh('systemctl is-system-running --wait >/dev/null || :');
    await usersBooted();
    expect(await differences()).toBe('');
    expect(await answersOfTen()).toBe(ALL_TEN);
  });

  test('is destroyed, as all others are', async () => {
    const { stderr, code } = await bulkhead(['destroy', '--auto-approve', '--bundle', bundles, '*']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  test('of none of them anything is left but data', async () => {
    await lab.sh('podman volume rm podbook-data podbook-backups; rm -r /var/lib/guestbook-db');
    expect(await inventory()).toBe(before);
  });
});

/** Whether a line complains of the program of a unit that has a root of its own. */
function runsFromImage(
  line: string,
  files: readonly (readonly [path: string, { readonly content?: string }])[],
): boolean {
  const unit = /^(\S+): Command \S+ is not executable: No such file or directory$/.exec(line)?.[1];
  const ofUnit = files.filter(([path]) => unit !== undefined && path.split('/').some((part) => part.startsWith(unit)));
  return ofUnit.some(([, { content = '' }]) => /^RootDirectory=/m.test(content));
}

const answersOfTen = () => lab.sh('curl --silent --show-error --retry 9 --retry-connrefused http://localhost:8400/');

const ALL_TEN = [
  ...['systemd', 'portable', 'podman', 'docker', 'containerd', 'crun', 'runc', 'nspawn', 'lxc', 'lxc-privileged'],
  ...['lxd', 'incus', 'vm'],
]
  .map((name) => `ten-${name} answers\n`)
  .join('');

/** Waits until the systemd of each user has started what it is to start, for which that of the host does not wait. */
function usersBooted(): Promise<string> {
  return lab.sh(`cd /; for user in $(ls /var/lib/systemd/linger); do
    setpriv --reuid="$user" --regid="$user" --init-groups --reset-env \
      env XDG_RUNTIME_DIR="/run/user/$(id -u "$user")" systemctl --user is-system-running --wait || :
  done`);
}

/** What systemd-nspawn says of a file. It reads it before it looks for the machine, which there is none of. */
async function complaintsOfNspawn(content: string): Promise<string[]> {
  const path = '/run/systemd/nspawn/examples.nspawn';
  await lab.run(['sh', '-euc', 'mkdir -p "${1%/*}"; cat > "$1"', 'sh', path], content);
  const options = ['--register=no', '--keep-unit', '--settings=yes', '--machine=examples', '--directory=/nonexistent'];
  const { stderr } = await lab.run(['systemd-nspawn', '--quiet', ...options]);
  await lab.run(['rm', path]);
  expect(stderr).toContain('/nonexistent');
  return stderr.split('\n').filter((line) => line.includes(basename(path)));
}
