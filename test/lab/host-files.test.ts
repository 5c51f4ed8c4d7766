import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityFiles, parseHardLimits, surroundingsFiles, writeHostFiles } from '../../lib/lab/host-files';

const IDENTITY = {
  hostname: 'lab-x',
  machineId: '0123456789abcdef0123456789abcdef',
  authorizedKey: 'ssh-ed25519 AAAA root\n',
  hostKey: { private: 'PRIVATE\n', public: 'ssh-ed25519 BBBB\n' },
};

function contentOf(files: ReturnType<typeof surroundingsFiles>, path: string): string | undefined {
  const file = files.find((candidate) => candidate.path === path);
  return file && 'content' in file ? file.content : undefined;
}

describe('surroundingsFiles', () => {
  const containers = (nofile: number, nproc: number, pidsController: boolean) => {
    const files = surroundingsFiles({ address: '10.99.0.2', hardLimits: { nofile, nproc }, pidsController });
    return contentOf(files, 'etc/containers/containers.conf.d/lab.conf');
  };

  it('leaves podman alone on a machine that gives it all', () => {
    expect(containers(Number.POSITIVE_INFINITY, 1048576, true)).toBe('[containers]\n');
  });

  it('keeps podman within limits that it cannot raise', () => {
    expect(containers(20000, Number.POSITIVE_INFINITY, true)).toBe(
      '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=1048576:1048576"]\n',
    );
  });

  it('asks for no limit on processes where there is no controller for it', () => {
    expect(containers(1048576, 1048576, false)).toBe('[containers]\npids_limit = 0\n');
  });

  it('gives the uplink its address and no way further', () => {
    const files = surroundingsFiles({
      address: '10.99.4.2',
      hardLimits: { nofile: 1, nproc: 1 },
      pidsController: true,
    });
    const network = contentOf(files, 'etc/systemd/network/10-uplink.network');
    expect(network).toContain('\nAddress=10.99.4.2/24\n');
    expect(network).not.toContain('Gateway');
  });
});

it('reads hard limits, not soft ones', () => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                unlimited            processes
Max open files            1024                 20000                files
`;
  expect(parseHardLimits(limits)).toEqual({ nofile: 20000, nproc: Number.POSITIVE_INFINITY });
});

describe('writeHostFiles', () => {
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  const mode = (path: string) => (lstatSync(join(root, path)).mode & 0o7777).toString(8);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('gives files and directories their modes under any umask, so that sshd takes them', async () => {
    const umask = process.umask(0o077);
    try {
      await writeHostFiles(root, identityFiles(IDENTITY));
    } finally {
      process.umask(umask);
    }
    expect(mode('etc')).toBe('755');
    expect(mode('etc/ssh/sshd_config.d/lab.conf')).toBe('644');
    expect(mode('etc/ssh/ssh_host_ed25519_key')).toBe('600');
    expect(mode('root')).toBe('700');
    expect(mode('root/.ssh')).toBe('700');
    expect(mode('root/.ssh/authorized_keys')).toBe('600');
    expect(readFileSync(join(root, 'etc/machine-id'), 'utf8')).toBe(`${IDENTITY.machineId}\n`);
  });

  it('masks what would act on the machine, and may be repeated', async () => {
    await writeHostFiles(root, identityFiles(IDENTITY));
    expect(readlinkSync(join(root, 'etc/systemd/system/systemd-sysctl.service'))).toBe('/dev/null');
  });
});
