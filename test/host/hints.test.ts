import { SystemdService, type SystemdServiceProps } from 'bulkhead';
import { apply } from '../../lib/engine';
import { describeHost, host } from './host';
import { Deployment } from './synth';

/** Programs that the sandbox refuses something, and what an error says of it. */
const REFUSALS: readonly [string, SystemdServiceProps, said: string, hint: string][] = [
  // What `command`, `volumes` and `user` name is looked for before: these are named by directives alone.
  [
    'missing',
    { command: ['/bin/true'], directives: { Service: { ExecStartPre: ['/usr/bin/nothing'] } } },
    'No such file or directory',
    '`command`',
  ],
  [
    'no-program',
    { command: ['/bin/true'], directives: { Service: { ExecStartPre: ['/etc/hostname'] } } },
    'Permission denied',
    'mode 0755',
  ],
  [
    'volume',
    { command: ['/bin/true'], directives: { Service: { BindPaths: ['/srv/none'] } } },
    '/srv/none',
    '`volumes`',
  ],
  ['directory', { command: ['/bin/true'], workingDirectory: '/nowhere' }, 'working directory', '`workingDirectory`'],
  ['read-only', { command: ['/bin/touch', '/etc/x'] }, 'Read-only file system', '`stateDirectory`'],
  ['denied', { command: ['/bin/cat', '/etc/shadow'] }, 'Permission denied', '`user`'],
  ['family', { command: ['/bin/ip', 'route'] }, 'Address family not supported', 'RestrictAddressFamilies'],
  ['bind', { command: ['/bin/busybox', 'httpd', '-f', '-p', '8096'] }, 'bind: Operation not permitted', '`ports`'],
  [
    'call',
    {
      command: ['/bin/mount', '-t', 'tmpfs', 'x', '/tmp'],
      directives: { Service: { SystemCallErrorNumber: 'kill' } },
    },
    'killed by SIGSYS',
    'SystemCallFilter',
  ],
  ['memory', { command: ['/bin/tail', '/dev/zero'], memory: '16M' }, 'killed', '`memory`'],
];

describeHost('an error of what the sandbox refuses', () => {
  let deployment: Deployment;
  let errors: ReadonlyMap<string, Error | undefined>;

  beforeAll(async () => {
    deployment = new Deployment(
      'hints',
      (place) => {
        for (const [name, props] of REFUSALS) new SystemdService(place, `hi-${name}`, { restart: 'no', ...props });
      },
      { settleTime: '6s' },
    );
    errors = await apply(host(), { manifests: deployment.manifests, remove: [] }, { asset: deployment.asset });
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
  });

  test.each(REFUSALS)('%s: says what happened first, and what to do', (name, _props, said, hint) => {
    const [first = '', ...more] = errors.get(`hi-${name}`)?.message.split('\n') ?? [];
    expect(first).toContain(`Cannot start hi-${name}.service`);
    expect(first).toContain(said);
    expect(more.find((line) => line.startsWith('  do: '))).toContain(hint);
  });
});
