import { DockerService, type Host, Image } from 'bulkhead';
import type { TerraformResource } from 'cdktf';
import { inventory, lab } from '../host';
import type { Stack } from '../stack';
import { images } from '../synth';
import { startDocker, stopDocker } from './daemon';
import { describeDockerProvider, stackWithDocker } from './provider';

jest.setTimeout(900_000);

/**
 * What docker adds to containers that share these with the host. Without, the provider would replace them for ever. A list
 * comes after that of the class.
 */
const security_opts = ['label=disable'];

/** Values of `docker_container` that no prop of the class says, as somebody would override them, one container each. */
const VALUES: readonly Readonly<Record<string, unknown>>[] = [
  { cgroup_parent: 'sweep.slice' },
  { cgroupns_mode: 'host' },
  { cgroupns_mode: 'private' },
  { command: ['999'] },
  { container_read_refresh_timeout_milliseconds: 20_000 },
  { cpu_period: 100_000, cpu_quota: 50_000 },
  { cpu_set: '0' },
  { cpu_shares: 512 },
  { cpus: '0.25' },
  { destroy_grace_seconds: 2 },
  { devices: [{ host_path: '/dev/null', container_path: '/dev/nothing', permissions: 'r' }] },
  { dns: ['192.0.2.53'] },
  { dns_opts: ['ndots:2'] },
  { dns_search: ['example.test'] },
  { domainname: 'example.test' },
  { group_add: ['1000'] },
  { healthcheck: { test: ['CMD', 'true'], interval: '30s', timeout: '3s', retries: 2, start_period: '1s' } },
  { host: [{ host: 'other', ip: '192.0.2.1' }] },
  { hostname: 'another' },
  { init: true },
  { init: false },
  { ipc_mode: 'host', security_opts },
  { ipc_mode: 'private' },
  { ipc_mode: 'shareable' },
  { labels: [{ label: 'org.example.a', value: 'b' }] },
  { log_driver: 'json-file', log_opts: { 'max-file': '2', 'max-size': '1m' } },
  { log_driver: 'local' },
  { log_driver: 'journald' },
  { memory: 64, memory_swap: 64 },
  { memory: 64, memory_swap: 128 },
  { memory: 64, memory_swap: -1 },
  { mounts: [{ type: 'bind', source: '/srv', target: '/srv', read_only: true }] },
  { mounts: [{ type: 'tmpfs', target: '/scratch', tmpfs_options: { size_bytes: 1_048_576, mode: 0o755 } }] },
  { mounts: [{ type: 'bind', source: '/srv', target: '/srv', bind_options: { propagation: 'rprivate' } }] },
  { network_mode: 'host' },
  { network_mode: 'none' },
  { pid_mode: 'host', security_opts },
  { privileged: true, security_opts },
  { read_only: true },
  { remove_volumes: false },
  { runtime: 'runc' },
  { security_opts: ['no-new-privileges:true'] },
  { security_opts: ['seccomp=unconfined'] },
  { security_opts: ['label=disable'] },
  { shm_size: 16 },
  { stdin_open: true },
  { stop_signal: 'SIGQUIT' },
  { stop_timeout: 2 },
  { sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' } },
  { tmpfs: { '/scratch': '' } },
  { tmpfs: { '/scratch': 'size=1m,mode=755' } },
  { tty: true },
  { ulimit: [{ name: 'nofile', soft: 1024, hard: 2048 }] },
  { ulimit: [{ name: 'core', soft: 0, hard: 0 }] },
  { upload: [{ file: '/etc/uploaded', content: 'x\n' }] },
  { upload: [{ file: '/bin/uploaded', content_base64: 'eAo=', executable: true }] },
  { user: '7:8' },
  { user: '7' },
  { userns_mode: 'host' },
  { volumes: [{ host_path: '/srv', container_path: '/srv', read_only: true }] },
  { wait: false, wait_timeout: 30 },
  { working_dir: '/tmp' },
];

const last = String(VALUES.length - 1);

const build = (host: Host): void => {
  const image = Image.ociArchive(images().ociArchive);
  VALUES.forEach((values, at) => {
    const service = new DockerService(host, `w-${at}`, { image, command: ['sleep', '1000'], stopTimeout: '1s' });
    const container = service.node.findChild('container') as TerraformResource;
    for (const [key, value] of Object.entries(values)) container.addOverride(key, value);
  });
};

describeDockerProvider('values of docker_container that no prop says', () => {
  let before: string;
  let stack: Stack;
  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    stack = stackWithDocker('values');
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  test('leave two empty plans in a row', async () => {
    expect(VALUES.length).toBeGreaterThanOrEqual(60);
    await stack.apply(build);
    const idle = await lab.sh(
      'for at in $(seq 0 "$1"); do systemctl is-active --quiet "w-$at" || echo "$at"; done',
      last,
    );
    expect(idle.split('\n').flatMap((at) => (at ? [VALUES[Number(at)]] : []))).toEqual([]);
    expect(await stack.plan()).toBe('');
    expect(await stack.plan()).toBe('');
  });
});
