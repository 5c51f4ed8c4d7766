import { buildError } from '../../lib/lab/mmdebstrap';

const told = (...lines: readonly string[]) => buildError(lines.join('\n'), '"/cache" (3 MB free)').message;

describe('an error of mmdebstrap', () => {
  it('names every package that does not exist, or that is virtual', () => {
    expect(
      told(
        'Building dependency tree...',
        'E: Unable to locate package ngnix',
        "E: Package 'mail-transport-agent' has no installation candidate",
        'E: apt download failed: E: apt-get --yes install ngnix failed',
      ),
    ).toBe(
      'Cannot add "ngnix", "mail-transport-agent": Debian trixie has no such package, expected names of packages such as "nginx"',
    );
  });

  it('says that no space is left, where, and what to do', () => {
    expect(told("cp: error writing '/cache/x': No space left on device", 'E: mmdebstrap failed to run')).toBe(
      'Cannot build the lab: no space is left in "/cache" (3 MB free), expected 1 GB and what the packages need; ' +
        'free some space there, or set BULKHEAD_LAB_CACHE to a directory that has some',
    );
  });

  it('says that the archive cannot be read, and why', () => {
    expect(
      told(
        'W: Failed to fetch http://mirror.test/InRelease',
        "E: Failed to fetch http://mirror.test/InRelease  Temporary failure resolving 'mirror.test'",
        'E: Some index files failed to download.',
      ),
    ).toBe(
      "Cannot build the lab: the Debian archive cannot be read, expected one that this machine's apt reaches\n" +
        "http://mirror.test/InRelease  Temporary failure resolving 'mirror.test'",
    );
  });

  it('shows the last errors of any other failure', () => {
    expect(told('I: running hook', 'W: odd', 'dpkg: error: it broke', '', 'E: setup failed')).toBe(
      'Cannot build the lab: mmdebstrap failed\ndpkg: error: it broke\nE: setup failed',
    );
  });
});
