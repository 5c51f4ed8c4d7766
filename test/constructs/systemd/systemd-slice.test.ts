import { Host, NspawnMachine, PodmanService, SystemdService, SystemdSlice } from 'bulkhead';
import { host, problemsOf, section, stack, textOf } from '../testing';

test('a slice is a unit with limits, which starts anew with others', () => {
  const slice = new SystemdSlice(host(), 'batch', { memory: '1G', cpu: 1.5, tasks: 100 });
  expect(textOf(slice, '/etc/systemd/system/batch.slice')).toBe(`[Unit]
Description=batch

[Slice]
MemoryMax=1G
CPUQuota=150%
TasksMax=100

[Install]
WantedBy=multi-user.target
`);
  expect(slice.manifest.units).toEqual({
    'batch.slice': { state: 'active', enabled: true, restartOn: ['/etc/systemd/system/batch.slice'] },
  });
});

test('services of every runtime join it, and come after it', () => {
  const scope = host();
  const slice = new SystemdSlice(scope, 'batch');
  const services = [
    new SystemdService(scope, 'a', { command: ['/bin/a'], slice }),
    new PodmanService(scope, 'b', { image: 'docker.io/library/b:1', slice }),
    new NspawnMachine(scope, 'c', { root: '/srv/c', slice }),
  ];
  const files = ['systemd/system/a.service', 'containers/systemd/b.container', 'systemd/system/c.service'];
  services.forEach((service, index) => {
    const text = textOf(service, `/etc/${files[index]}`);
    expect(section(text, 'Service')).toContain('Slice=batch.slice');
    expect(text).toMatch(/^After=.*batch\.slice\b/m);
    expect(service.dependencies).toContain(slice);
  });
  expect(problemsOf(scope)).toEqual([]);
});

test('a slice of another host, or what is none, is refused', () => {
  const scope = stack();
  const here = new Host(scope, 'here', { address: 'local' });
  const there = new Host(scope, 'there', { address: 'ssh://root@192.0.2.1' });
  const make = (slice: SystemdSlice) => () => new SystemdService(here, `a${count++}`, { command: ['/bin/a'], slice });
  let count = 0;
  expect(make(new SystemdSlice(there, 'batch'))).toThrow(
    'Cannot use as slice "shop/there/batch": is on another host, expected a SystemdSlice on shop/here (at shop/here/a0.slice)',
  );
  expect(make('batch.slice' as never)).toThrow(
    "is not a SystemdSlice, expected a SystemdSlice such as new SystemdSlice(host, 'batch') (at shop/here/a1.slice)",
  );
});

test('a name with an empty level is refused', () => {
  expect(() => new SystemdSlice(host(), 'a--b')).toThrow('has a level without a name');
});
