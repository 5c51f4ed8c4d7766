import { SystemdService, type SystemdServiceProps } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

type Props = Partial<SystemdServiceProps>;

/** What a default forbids: a shell command that the sandbox fails, and the props with which it succeeds. */
interface Probe {
  readonly command: string;
  /** Props of both services, without which the command would fail for another reason. */
  readonly base?: Props;
  readonly open: Props;
}

const service = (directives: NonNullable<NonNullable<Props['directives']>['Service']>): Props => ({
  directives: { Service: directives },
});
const ROOT: Props = { user: 'root' };
const perl = (code: string) => `perl -e '${code}'`;

const PROBES: Readonly<Record<string, Probe>> = {
  DynamicUser: { command: 'test "$(id -un)" = nobody', open: { user: 'nobody' } },
  UMask: { command: 'test "$(umask)" = 0022', open: service({ UMask: '0022' }) },
  StateDirectoryMode: {
    command: 'test "$(stat -L -c %a "$STATE_DIRECTORY")" = 755',
    base: { stateDirectory: 'probe' },
    open: { stateDirectory: 'other-probe', ...service({ StateDirectoryMode: '0755' }) },
  },
  ProtectSystem: { command: 'touch /srv/probe/x', base: ROOT, open: { volumes: ['/srv/probe:/srv/probe'] } },
  ProtectHome: { command: 'ls /root/probe', base: ROOT, open: service({ ProtectHome: 'read-only' }) },
  PrivateTmp: { command: 'test -e /tmp/probe', base: ROOT, open: service({ PrivateTmp: false }) },
  PrivateDevices: { command: 'test -e /dev/probe', open: service({ PrivateDevices: false }) },
  PrivateUsers: {
    command: 'test "$(stat -c %U /srv/probe/theirs)" = daemon',
    base: ROOT,
    open: service({ PrivateUsers: false }),
  },
  NoNewPrivileges: {
    command: 'grep -qx "NoNewPrivs:.0" /proc/self/status',
    base: ROOT,
    open: { directives: { Service: { NoNewPrivileges: false } } },
  },
  CapabilityBoundingSet: {
    command: 'grep -qx "CapBnd:.0000000000000001" /proc/self/status',
    open: { capabilities: ['CAP_CHOWN'] },
  },
  RestrictSUIDSGID: {
    command: 'touch "$STATE_DIRECTORY/x" && chmod u+s "$STATE_DIRECTORY/x"',
    base: { ...ROOT, stateDirectory: 'probe' },
    open: service({ RestrictSUIDSGID: false }),
  },
  ProtectKernelTunables: { command: 'test -r /proc/kallsyms', open: service({ ProtectKernelTunables: false }) },
  ProtectKernelModules: { command: 'ls /usr/lib/modules/probe', open: service({ ProtectKernelModules: false }) },
  ProtectKernelLogs: { command: 'test -r /proc/kmsg', base: ROOT, open: service({ ProtectKernelLogs: false }) },
  ProtectControlGroups: {
    command: 'test -w /sys/fs/cgroup/cgroup.procs || test -w /sys/fs/cgroup/memory/cgroup.procs',
    base: { ...ROOT, ...service({ ProtectKernelTunables: false }) },
    open: service({ ProtectKernelTunables: false, ProtectControlGroups: false }),
  },
  ProtectHostname: {
    command: 'test "$(readlink /proc/self/ns/uts)" = "$(cat /srv/probe/uts)"',
    open: service({ ProtectHostname: false }),
  },
  ProtectProc: { command: 'test -d /proc/1', open: service({ ProtectProc: 'default' }) },
  RestrictNamespaces: { command: 'unshare --user true', open: service({ RestrictNamespaces: false }) },
  LockPersonality: { command: 'setarch --addr-no-randomize true', open: service({ LockPersonality: false }) },
  MemoryDenyWriteExecute: { command: perl('exit(syscall(9, 0, 4096, 7, 34, -1, 0) == -1)'), open: { jit: true } },
  SystemCallFilter: {
    command: perl('exit(syscall(101, 0, 0, 0, 0) == -1)'),
    open: service({ SystemCallFilter: ['@system-service', 'ptrace'] }),
  },
  RestrictAddressFamilies: { command: 'ip link', open: service({ RestrictAddressFamilies: ['AF_NETLINK'] }) },
  SocketBindDeny: {
    command: perl('use Socket; socket(S, 2, 1, 0); exit(!bind(S, sockaddr_in(3199, INADDR_ANY)))'),
    open: { ports: [3199] },
  },
};

describeHost('the sandbox', () => {
  const idOf = (name: string) => name.toLowerCase();
  const names = Object.keys(PROBES);
  let before: string;
  let deployment: Deployment;
  let said: string;

  beforeAll(async () => {
    before = await inventory();
    await lab.sh(`mkdir -p /root/probe /srv/probe /usr/lib/modules/probe; touch /tmp/probe /srv/probe/theirs; chown daemon /srv/probe/theirs
      mknod -m 666 /dev/probe c 1 3; readlink /proc/self/ns/uts > /srv/probe/uts`);
    deployment = new Deployment('sandbox', (host) => {
      for (const [name, { command, base, open }] of Object.entries(PROBES)) {
        const make = (suffix: string, props: Props) =>
          new SystemdService(host, `${idOf(name)}-${suffix}`, {
            command: ['/bin/sh', '-c', `if ${command}; then echo succeeds; else echo fails; fi; exec sleep infinity`],
            ...props,
          });
        make('closed', { ...base });
        make('open', { ...base, ...open });
      }
    });
    await deployment.apply();
    said = await lab.sh(
      `journalctl --sync; for name; do
      printf '%s %s\\n' "$name" "$(journalctl --no-pager -o cat -u "$name" | grep -xE 'succeeds|fails' | tail -n 1)"; done`,
      ...names.flatMap((name) => [`${idOf(name)}-closed`, `${idOf(name)}-open`]),
    );
  });

  afterAll(async () => {
    await deployment.destroy();
    await lab.sh('rm -rf /usr/lib/modules/probe /root/probe /srv/probe /tmp/probe /dev/probe');
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  // systemd removes all IPC objects of a user when the last unit with that User= and RemoveIPC=yes ends.
  test('shared memory of a user of the host outlives a service of that user', async () => {
    const segments = 'ipcs --shmems | grep -c nobody';
    await lab.sh("setpriv --reuid=nobody --regid=nogroup --clear-groups perl -e 'shmget(4711, 1, 01600) // exit 1'");
    await lab.sh('systemctl restart dynamicuser-open && systemctl stop dynamicuser-open');
    expect(await lab.sh(`${segments} || true`)).toBe('1\n');
    await lab.sh('ipcrm --shmem-key 4711');
  });

  test.each(names)('%s closes what its way out opens', (name) => {
    expect(said).toContain(`${idOf(name)}-closed fails\n`);
    expect(said).toContain(`${idOf(name)}-open succeeds\n`);
  });
});
