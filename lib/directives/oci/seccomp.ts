import type { OciSeccomp } from './linux';

/**
 * System calls that every program may use, whatever its capabilities: the common allow-list of docker and podman for
 * the host's own architecture. It leaves out calls that create namespaces or mounts, and calls for the kernel's keys
 * and log.
 * @see https://github.com/moby/profiles/blob/main/seccomp/default.json
 */
const ALLOWED = `
accept accept4 access adjtimex alarm arch_prctl bind brk capget capset chdir chmod chown clock_adjtime
clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3
epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit
exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl
fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futimesat
get_robust_list getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid
getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname
getsockopt gettid gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
io_cancel io_destroy io_getevents io_setup io_submit ioctl ioprio_get ioprio_set kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listxattr llistxattr
lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create mincore mkdir mkdirat mknod mknodat mlock
mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap
msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause
pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv
preadv2 prlimit64 process_vm_readv process_vm_writev pselect6 ptrace pwrite64 pwritev pwritev2 read readahead
readlink readlinkat readv recvfrom recvmmsg recvmsg removexattr rename renameat renameat2 restart_syscall rmdir
rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list
set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid
setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd
signalfd4 socketpair splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill
time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write
writev
`;

/** System calls that a capability adds. */
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  CAP_BPF: 'bpf',
  CAP_DAC_READ_SEARCH: 'name_to_handle_at open_by_handle_at',
  CAP_PERFMON: 'perf_event_open',
  CAP_SYS_ADMIN: `bpf clone3 fanotify_init fanotify_mark fsconfig fsmount fsopen fspick mount mount_setattr move_mount
open_tree perf_event_open pivot_root quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare`,
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_MODULE: 'delete_module finit_module init_module',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp pidfd_getfd process_madvise',
  CAP_SYS_RAWIO: 'ioperm iopl',
  CAP_SYS_TIME: 'clock_settime settimeofday',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYSLOG: 'syslog',
};

// LINUX, UNAME26 and their combinations with SHORT_INODE, and the query of the current personality.
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];
// AF_UNIX, AF_INET, AF_INET6 and AF_PACKET. AF_NETLINK (16) is allowed too, except for NETLINK_AUDIT (9).
const FAMILIES = [1, 2, 10, 17];
const NETLINK = [
  { index: 0, value: 16, op: 'SCMP_CMP_EQ' },
  { index: 2, value: 9, op: 'SCMP_CMP_NE' },
] as const;
/** Flags of clone(2) that create a namespace. */
const NEW_NAMESPACES = 0x7e020000;
/** ENOSYS. A C library that gets it for a call falls back to an older call. */
const MISSING = 38;

const words = (text: string) => text.split(/\s+/).filter(Boolean);

/** The system call filter for a program with these capabilities. */
export function seccompFor(capabilities: readonly string[]): OciSeccomp {
  const admin = capabilities.includes('CAP_SYS_ADMIN');
  const brought = capabilities.flatMap((capability) => words(BY_CAPABILITY[capability] ?? ''));
  const names = [...new Set([...words(ALLOWED), ...brought, ...(admin ? ['clone'] : [])])].sort();
  const clone = { index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' } as const;
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: MISSING,
    syscalls: [
      allow(names),
      ...PERSONALITIES.map((value) => allow(['personality'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...FAMILIES.map((value) => allow(['socket'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
      allow(['socket'], ...NETLINK),
      ...(admin ? [] : [allow(['clone'], clone)]),
    ],
  };
}

type Syscall = NonNullable<OciSeccomp['syscalls']>[number];

function allow(names: readonly string[], ...args: NonNullable<Syscall['args']>): Syscall {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length > 0 ? { args } : {}) };
}
