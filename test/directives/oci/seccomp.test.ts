import { seccompFor } from '../../../lib/directives';

const allowed = (capabilities: readonly string[], call: string) =>
  (seccompFor(capabilities).syscalls ?? []).filter(({ names }) => names.includes(call));

test('a call that is not listed is one that the kernel does not have', () => {
  expect(seccompFor([])).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 });
});

test.each(['read', 'execve', 'openat', 'futex', 'arch_prctl', 'epoll_wait'])('%s is allowed to everybody', (call) => {
  expect(allowed([], call)).toEqual([expect.not.objectContaining({ args: expect.anything() })]);
});

test.each([
  ['mount', 'CAP_SYS_ADMIN'],
  ['unshare', 'CAP_SYS_ADMIN'],
  ['setns', 'CAP_SYS_ADMIN'],
  ['bpf', 'CAP_BPF'],
  ['chroot', 'CAP_SYS_CHROOT'],
  ['clock_settime', 'CAP_SYS_TIME'],
  ['init_module', 'CAP_SYS_MODULE'],
  ['reboot', 'CAP_SYS_BOOT'],
])('%s needs %s', (call, capability) => {
  expect(allowed([], call)).toEqual([]);
  expect(allowed([capability], call)).toHaveLength(1);
});

test.each(['keyctl', 'add_key', 'io_uring_setup', 'userfaultfd', 'kexec_load'])('nobody gets %s', (call) => {
  expect(allowed(['CAP_SYS_ADMIN'], call)).toEqual([]);
});

test('clone makes no namespace without CAP_SYS_ADMIN', () => {
  expect(allowed([], 'clone')).toEqual([
    expect.objectContaining({ args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] }),
  ]);
  expect(allowed(['CAP_SYS_ADMIN'], 'clone')).toEqual([expect.not.objectContaining({ args: expect.anything() })]);
});

test('no call is listed twice', () => {
  const [list] = seccompFor(['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_SYSLOG']).syscalls ?? [];
  expect(new Set(list?.names).size).toBe(list?.names.length);
});
