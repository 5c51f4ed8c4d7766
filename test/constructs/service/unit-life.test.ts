import {
  Host,
  Image,
  NspawnMachine,
  OciService,
  PodmanService,
  SystemdPath,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
} from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { writeOciArchive } from '../oci-image';
import { temporaryDirectory } from '../testing';

const hostOf = () => new Host(new TerraformStack(new App(), 'shop'), 'host', { address: 'local' });
const text = ({ manifest }: SystemdService | PodmanService | SystemdTimer, path: string) =>
  manifest.files[path]?.content ?? '';
const image = 'docker.io/library/app:1';
const UNIT = '/etc/systemd/system/job.service';

test('a job is done once per change, not enabled, not restarted, and waited for', () => {
  const job = new SystemdService(hostOf(), 'job', { command: ['/bin/job'], oneshot: true });
  expect(job.manifest.units).toEqual({ 'job.service': { state: 'done', restartOn: [UNIT] } });
  expect(text(job, UNIT)).toContain('\nType=oneshot\n');
  expect(text(job, UNIT)).toContain('\nRestart=no\nTimeoutStartSec=infinity\n');
  expect(text(job, UNIT)).not.toMatch(/RestartSec|StartLimit|Install/);
});

test('Type=oneshot makes a job of a service as well, unless it remains active', () => {
  const of = (Service: object) =>
    new SystemdService(hostOf(), 'job', { command: ['/bin/job'], directives: { Service } }).manifest.units[
      'job.service'
    ];
  expect(of({ Type: 'oneshot' })).toEqual({ state: 'done', restartOn: [UNIT] });
  expect(of({ Type: 'oneshot', RemainAfterExit: true })).toMatchObject({ state: 'active', enabled: true });
});

test('containers and machines can be jobs', () => {
  const host = hostOf();
  const path = `${temporaryDirectory()}/app.tar`;
  writeOciArchive(path, {});
  const archive = Image.ociArchive(path);
  const jobs = [
    new PodmanService(host, 'a', { image, oneshot: true }),
    new OciService(host, 'b', { image: archive, command: ['/bin/true'], oneshot: true }),
    new NspawnMachine(host, 'c', { image: archive, command: ['/bin/true'], oneshot: true }),
  ];
  for (const { manifest, unitName } of jobs) {
    expect(manifest.units[unitName]).toMatchObject({ state: 'done' });
    expect(manifest.units[unitName]).not.toHaveProperty('enabled');
  }
});

test('what depends on a job comes after it and does not start it', () => {
  const host = hostOf();
  const job = new SystemdService(host, 'job', { command: ['/bin/job'], oneshot: true });
  const app = new SystemdService(host, 'app', { command: ['/bin/app'], dependsOn: [job] });
  expect(app.manifest.after).toEqual(['job']);
  expect(text(app, '/etc/systemd/system/app.service')).toContain('After=network.target job.service\n');
  expect(text(app, '/etc/systemd/system/app.service')).not.toContain('Wants');
});

test('health replaces the time that a service must stay up', () => {
  const host = hostOf();
  const settle = (service: SystemdService | PodmanService) => service.manifest.units[service.unitName]?.settle;
  expect(settle(new SystemdService(host, 'a', { command: ['/bin/a'] }))).toBeUndefined();
  expect(settle(new SystemdService(host, 'b', { command: ['/bin/b'], health: { tcp: 80 } }))).toBe('0');
  expect(settle(new PodmanService(host, 'c', { image, directives: { Container: { Notify: 'healthy' } } }))).toBe('0');
});

test.each([
  [{ health: { tcp: 80 } }, /^Cannot probe a job .* \(at shop\/host\/job\.health\)$/],
  [
    { restart: 'always' },
    /^Cannot set restart of a job to "always": it would never end, .* \(at shop\/host\/job\.restart\)$/,
  ],
] as const)('a job refuses %j', (props, message) => {
  expect(() => new SystemdService(hostOf(), 'job', { command: ['/bin/job'], oneshot: true, ...props })).toThrow(
    message,
  );
});

test('what a timer starts may be any workload, which is left to the timer', () => {
  const host = hostOf();
  const service = new PodmanService(host, 'backup', { image, oneshot: true });
  const timer = new SystemdTimer(host, 'daily', { onCalendar: 'daily', service });
  expect(Object.keys(timer.manifest.files)).toEqual(['/etc/systemd/system/daily.timer']);
  expect(text(timer, '/etc/systemd/system/daily.timer')).toContain('Unit=backup.service\n');
  expect(timer.manifest).toMatchObject({
    after: ['backup'],
    units: { 'daily.timer': { state: 'active', enabled: true } },
  });
  expect(service.manifest.units).toEqual({ 'backup.service': { restartOn: [] } });
  expect(text(service, '/etc/containers/systemd/backup.container')).not.toContain('Install');
});

test('a program that a socket starts restarts with it, and with what it runs', () => {
  const host = hostOf();
  const service = new SystemdService(host, 'app', { command: ['/bin/app'] });
  const socket = new SystemdSocket(host, 'on-demand', { ports: [8080], service });
  expect(socket.manifest.files['/etc/systemd/system/on-demand.socket']?.content).toContain('Service=app.service\n');
  expect(service.manifest.units).toEqual({ 'app.service': { restartOn: ['/etc/systemd/system/app.service'] } });
  expect(text(service, '/etc/systemd/system/app.service')).toContain('PartOf=on-demand.socket\n');
});

test('a service is started by one unit, of its own host, which describes no program of its own', () => {
  const host = hostOf();
  const service = new SystemdService(host, 'job', { command: ['/bin/job'], oneshot: true });
  const daily = (id: string, props: object) => () =>
    new SystemdTimer(host, id, { onCalendar: 'daily', service, ...props });
  expect(daily('one', { command: ['/bin/x'] })).toThrow(
    'Cannot set command beside service to ["/bin/x"]: shop/host/job has its own program, expected command on that service (at shop/host/one.command)',
  );
  daily('two', {})();
  expect(() => new SystemdPath(host, 'three', { exists: '/x', service })).toThrow(
    'Cannot start "shop/host/job": shop/host/two already starts it, expected only one unit that starts it (at shop/host/three.service)',
  );
  expect(
    () =>
      new SystemdSocket(host, 'four', {
        ports: [80],
        accept: true,
        service: new SystemdService(host, 'app', { command: ['/bin/app'] }),
      }),
  ).toThrow(/^Cannot accept connections for "shop\/host\/app": .* \(at shop\/host\/four\.accept\)$/);
  expect(daily('five', { service: 'job' })).toThrow(
    /^Cannot start "job": is not a service that can be started, expected .* \(at shop\/host\/five\.service\)$/,
  );
});
