import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyCgroups, labCgroups } from '../../lib/lab/cgroups';

const VERSION_2 = `proc /proc proc rw 0 0
cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0
`;

const HYBRID = `tmpfs /sys/fs/cgroup tmpfs ro,mode=755 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nosuid 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,nosuid,xattr,name=systemd 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,nosuid,pids 0 0
cgroup /var/lib/some/root/sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /var/lib/some/root/sys/fs/cgroup/unified cgroup2 rw 0 0
`;

describe('labCgroups', () => {
  it('takes one directory where version 2 is all there is', () => {
    expect(labCgroups(VERSION_2, 'x')).toEqual({ directories: ['/sys/fs/cgroup/x'], version1: [] });
  });

  it('takes one directory in every hierarchy of version 1 beside that of version 2', () => {
    expect(labCgroups(HYBRID, 'x')).toEqual({
      directories: [
        '/sys/fs/cgroup/systemd/x',
        '/sys/fs/cgroup/cpu,cpuacct/x',
        '/sys/fs/cgroup/pids/x',
        '/sys/fs/cgroup/unified/x',
      ],
      version1: ['systemd:none,name=systemd', 'cpu,cpuacct:cpu,cpuacct', 'pids:pids'],
    });
  });

  it('refuses a machine without version 2', () => {
    const mounts = HYBRID.replace('cgroup2 /sys/fs/cgroup/unified cgroup2', 'tmpfs /sys/fs/cgroup/unified tmpfs');
    expect(() => labCgroups(mounts, 'x')).toThrow('Cannot start a lab: no cgroup2 is mounted at /sys/fs/cgroup');
  });
});

describe('destroyCgroups', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cgroups-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('removes a whole tree, and has nothing against one that is gone', async () => {
    mkdirSync(join(directory, 'a/b/c'), { recursive: true });
    mkdirSync(join(directory, 'a/d'));
    const cgroups = { directories: [join(directory, 'a'), join(directory, 'absent')], version1: [] };
    await destroyCgroups(cgroups);
    expect(execFileSync('ls', ['-A', directory]).toString()).toBe('');
    await destroyCgroups(cgroups);
  });

  it('gives up on a directory that stays in use', async () => {
    mkdirSync(join(directory, 'busy'));
    execFileSync('touch', [join(directory, 'busy', 'file')]);
    await expect(destroyCgroups({ directories: [join(directory, 'busy')], version1: [] }, 0.05)).rejects.toThrow(
      /^Cannot stop the lab: .* in .*\/busy$/,
    );
  });
});
