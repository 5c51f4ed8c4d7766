import { DockerService, PodmanPod, PodmanService } from 'bulkhead';
import { host } from '../testing';

const image = 'docker.io/library/caddy:2';
const classes = [PodmanService, DockerService] as const;

test.each<[object, string]>([
  [
    { hostname: 'a b' },
    'Cannot set hostname to "a b": is not a hostname, expected at most 63 letters, digits, "-", "_" and "." such as "web.example.org" (at shop/host/web.hostname)',
  ],
  [{ hostname: 'a'.repeat(64) }, 'is not a hostname'],
  [{ tmpfs: ['/a', 'tmp'] }, '(at shop/host/web.tmpfs[1])'],
  [
    { tmpfs: ['/a/../b'] },
    'Cannot mount "/a/../b": is not a directory in memory, expected "/path" or "/path:options", without "." and ".." (at shop/host/web.tmpfs[0])',
  ],
  [{ tmpfs: ['/:size=1m'] }, '(at shop/host/web.tmpfs[0])'],
  [{ devices: ['/etc/passwd'] }, '(at shop/host/web.devices[0])'],
  [
    { groups: ['27', 'a b'] },
    'Cannot add to group "a b": is not a group, expected a name such as "dialout", or a number as text such as "27" (at shop/host/web.groups[1])',
  ],
  [{ groups: [27] }, '(at shop/host/web.groups[0])'],
  [
    { shmSize: '64MB' },
    'Cannot limit shmSize to "64MB": is not a size, expected bytes, or a number with K, M, G or T such as "512M" (at shop/host/web.shmSize)',
  ],
  [
    { ulimits: { files: 10 } },
    'Cannot limit "files": is not a resource limit, expected one of core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack (at shop/host/web.ulimits)',
  ],
  [
    { ulimits: { nofile: { soft: 2, hard: 1 } } },
    'expected an integer such as 65536, -1 for no limit, or { soft: 1024, hard: 65536 } with soft up to hard (at shop/host/web.ulimits.nofile)',
  ],
  [{ ulimits: { nofile: { soft: -1, hard: 1 } } }, '(at shop/host/web.ulimits.nofile)'],
  [{ ulimits: { nofile: { soft: 1 } } }, '(at shop/host/web.ulimits.nofile)'],
  [{ ulimits: { nofile: 1.5 } }, '(at shop/host/web.ulimits.nofile)'],
  [{ ulimits: { nofile: null } }, '(at shop/host/web.ulimits.nofile)'],
])('every container engine refuses %j', (props, message) => {
  for (const Engine of classes) expect(() => new Engine(host(), 'web', { image, ...props })).toThrow(message);
});

test('a container of a pod has the hostname of the pod', () => {
  const scope = host();
  const pod = new PodmanPod(scope, 'pod');
  expect(() => new PodmanService(scope, 'web', { image, pod, hostname: 'web' })).toThrow(
    'Cannot set hostname to "web": it is in the pod shop/host/pod, which has one hostname for all its containers, expected no hostname (at shop/host/web.hostname)',
  );
});
