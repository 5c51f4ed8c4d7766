import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NspawnMachine, type Service, SystemdService } from 'bulkhead';
import { host, temporaryDirectory } from './testing';

const analyze = (...files: string[]) =>
  spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...files], { encoding: 'utf8' });
const isMissing = analyze('--help').status !== 0;
const systemd = isMissing ? test.skip : test;
const because = isMissing ? ' (skipped: systemd-analyze is not installed)' : '';

/** What systemd says about the units of a service, other than that this machine lacks a program. */
function complaints(service: Service): string[] {
  const directory = temporaryDirectory();
  const units = Object.entries(service.manifest.files).filter(([path]) => path.startsWith('/etc/systemd/system/'));
  for (const [path, { content = '' }] of units) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const { stderr } = analyze(...units.map(([path]) => join(directory, path)));
  return stderr.split('\n').filter((line) => line.includes(directory) && !/is not executable/.test(line));
}

systemd(`systemd understands every line of a service${because}`, () => {
  const service = new SystemdService(host(), 'web', {
    command: ['/bin/true', 'a "b" $HOME %h \\ \n;', ';'],
    environment: { A: 'a "b" $HOME %h \\ \n', B: '' },
    environmentFiles: ['/etc/a b'],
    ports: [80, '127.0.0.1:53/udp', '[::1]:54'],
    volumes: ['/srv/a b:/c', '/etc:/d:ro', { source: '/a:b', target: '/c d' }],
    memory: '512M',
    cpu: 1.5,
    tasks: 10,
    stopTimeout: '1.5h',
    capabilities: ['CAP_CHOWN'],
    root: '/',
    group: 'daemon',
    groups: ['adm', '27'],
    umask: '0027',
    stateDirectory: 'web',
    runtimeDirectory: 'web',
    cacheDirectory: 'web/pages',
    logsDirectory: 'web',
    jit: true,
  });
  expect(complaints(service)).toEqual([]);
});

systemd(`systemd understands every line of a machine${because}`, () => {
  const machine = new NspawnMachine(host(), 'db', {
    root: '/srv/a b',
    ports: ['8080:80', '127.0.0.1:81:81', '53:53/udp', '[::]:5353:53/udp'],
    memory: '1G',
  });
  expect(complaints(machine)).toEqual([]);
});

systemd(`systemd complains about a line that it does not understand${because}`, () => {
  const service = new SystemdService(host(), 'web', { command: ['/bin/true'], directives: { Service: { Nice: 99 } } });
  expect(complaints(service).join()).toMatch(/Nice/);
});
