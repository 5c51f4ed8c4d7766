import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigFile,
  Host,
  NspawnMachine,
  PodmanKube,
  PodmanService,
  SystemdService,
  SystemdTimer,
  User,
  Workload,
} from 'bulkhead';
import { Annotations, App, Aspects, TerraformStack, TerraformVariable } from 'cdktf';
import type { IConstruct } from 'constructs';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system';

/** One workload of each runtime, and things that are none. */
function everything(scope = host()) {
  new ConfigFile(scope, 'conf', { path: '/etc/conf', content: '' });
  return {
    api: new SystemdService(scope, 'api', { command: ['/bin/api'], memory: '64M', environment: { A: '1' } }),
    web: new PodmanService(scope, 'web', { image: 'localhost/web:1', environment: { A: '1' } }),
    db: new NspawnMachine(scope, 'db', { root: '/srv/db', command: ['/bin/db'] }),
    job: new SystemdTimer(scope, 'job', { command: ['/bin/job'], onCalendar: 'daily' }),
  };
}

const lines = (service: Workload, path: string, name: string) => section(textOf(service, path), name);

test('environment is added to what is there, whatever runs it', () => {
  const { api, web, db, job } = everything();
  for (const workload of [api, web, db, job]) workload.addEnvironment({ TZ: 'UTC' });
  expect(lines(api, `${UNIT}/api.service`, 'Service')).toEqual(
    expect.arrayContaining(['Environment=A=1', 'Environment=TZ=UTC']),
  );
  expect(lines(web, '/etc/containers/systemd/web.container', 'Container')).toEqual(
    expect.arrayContaining(['Environment=A=1', 'Environment=TZ=UTC']),
  );
  expect(lines(db, '/etc/systemd/nspawn/db.nspawn', 'Exec')).toContain('Environment=TZ=UTC');
  expect(lines(job, `${UNIT}/job.service`, 'Service')).toContain('Environment=TZ=UTC');
});

test('directives are added, each in the file that has its section', () => {
  const { api, job } = everything();
  api.addDirectives({ Unit: { OnFailure: 'alert.service' }, Service: { OOMScoreAdjust: -5, Restart: 'always' } });
  job.addDirectives({ Service: { Nice: 5 }, Timer: { AccuracySec: '1min' } });
  expect(lines(api, `${UNIT}/api.service`, 'Unit')).toContain('OnFailure=alert.service');
  expect(lines(api, `${UNIT}/api.service`, 'Service')).toEqual(
    expect.arrayContaining(['OOMScoreAdjust=-5', 'Restart=always']),
  );
  expect(lines(job, `${UNIT}/job.service`, 'Service')).toContain('Nice=5');
  expect(lines(job, `${UNIT}/job.timer`, 'Timer')).toContain('AccuracySec=1min');
});

test('a directive is read as it is set, by whomever', () => {
  const { api, web, job } = everything();
  expect(api.directive('Service', 'MemoryMax')).toBe('64M');
  expect(api.directive('Service', 'ProtectSystem')).toBe('strict');
  // @ts-expect-error: the section of another runtime
  expect(api.directive('Container', 'Image')).toBeUndefined();
  expect(web.directive('Container', 'Image')).toBe('localhost/web:1');
  expect(web.directive('Service', 'MemoryMax')).toBeUndefined();
  expect(job.directive('Timer', 'OnCalendar')).toEqual(['daily']);
  web.addDirectives({ Service: { MemoryMax: '1G' } });
  expect(web.directive('Service', 'MemoryMax')).toBe('1G');
});

test.each<[string, (all: ReturnType<typeof everything>) => void, string]>([
  [
    'a directive that a prop has set',
    ({ api }) => api.addDirectives({ Service: { MemoryMax: '1G' } }),
    'Cannot set MemoryMax in addDirectives: already set by memory, expected one of the two (at shop/host/api.addDirectives)',
  ],
  [
    'one that was added with another value',
    ({ api }) => api.addDirectives({ Service: { Nice: 1 } }).addDirectives({ Service: { Nice: 2 } }),
    'Cannot set Nice in addDirectives: already set by addDirectives',
  ],
  [
    'a variable that has another value',
    ({ web }) => web.addEnvironment({ A: '2' }),
    'Cannot set A of Environment in addDirectives: already set by environment, expected one of the two (at shop/host/web)',
  ],
  [
    'a section that its files do not have',
    // @ts-expect-error: the section of another runtime
    ({ api }) => api.addDirectives({ Container: { Label: { a: 'b' } } }),
    'Cannot add directives to "Container": its files have no such section, expected one of Unit, Service, Install (at shop/host/api)',
  ],
  [
    'a variable that is no text',
    ({ api }) => api.addEnvironment({ A: 1 as unknown as string }),
    'Cannot set variable A to 1: is number, expected text (at shop/host/api.environment.A)',
  ],
])('%s is refused', (_, change, message) => {
  expect(() => change(everything())).toThrow(message);
});

test.each<[string, (scope: Host) => unknown]>([
  ['timer', (scope) => new SystemdTimer(scope, 'x', { command: ['/bin/x'], onCalendar: 'daily', restart: 'always' })],
  [
    'service',
    (scope) =>
      new SystemdService(scope, 'x', { command: ['/bin/x'], restart: 'always' }).addDirectives({
        Service: { Type: 'oneshot' },
      }),
  ],
  [
    'container',
    (scope) =>
      new PodmanService(scope, 'x', {
        image: 'localhost/x:1',
        restart: 'always',
        directives: { Service: { Type: 'oneshot', RemainAfterExit: true } },
      }),
  ],
])('a %s whose program is to end does not restart for having ended', (_, build) => {
  const scope = host();
  build(scope);
  expect(problemsOf(scope)).toEqual([
    'Cannot use Restart in [Service]: is "always", which systemd refuses with Type=oneshot, expected no, on-failure or on-abnormal, see systemd.service(5) (at shop/host/x)',
  ]);
});

test('a construct where text belongs, and a value of Terraform that is not text, are named', () => {
  const scope = host();
  const user = new User(scope, 'shop') as unknown as string;
  expect(() => new SystemdService(scope, 'x', { command: ['/bin/x'], user })).toThrow(
    /^Cannot .*"?shop\/host\/shop"?.*x/,
  );
  const { value } = new TerraformVariable(scope.stack, 'secret', {});
  expect(() => new SystemdService(scope, 'y', { command: ['/bin/y'], environment: { A: value } })).toThrow(
    'expected text, such as stringValue of a TerraformVariable (at shop/host/y.environment.A)',
  );
});

test('the same may be added twice', () => {
  const { api } = everything();
  for (let time = 1; time <= 2; time++)
    api.addDirectives({ Service: { Nice: 1 } }).addEnvironment({ A: '1', TZ: 'UTC' });
  expect(textOf(api, `${UNIT}/api.service`).match(/Nice=1|TZ=UTC/g)).toHaveLength(2);
});

test('the environment of YAML is its own', () => {
  const kube = new PodmanKube(host(), 'kube', { yaml: 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n' });
  expect(() => kube.addEnvironment({ TZ: 'UTC' })).toThrow('its YAML sets the variables of its containers');
});

describe('an aspect', () => {
  /** Synthesizes with an aspect over all workloads; gives the stack's directory and the bundle's. */
  function synthesize(visit: (workload: Workload) => void) {
    const outdir = temporaryDirectory();
    const stack = new TerraformStack(new App({ outdir }), 'shop');
    everything(new Host(stack, 'host', { address: 'local' }));
    Aspects.of(stack).add({ visit: (node: IConstruct) => void (node instanceof Workload && visit(node)) });
    const run = () => (stack.node.root as App).synth();
    return { run, outdir, bundle: join(outdir, 'bundle', 'shop') };
  }

  test('changes all workloads, with Terraform and without', () => {
    const { run, outdir, bundle } = synthesize((workload) => workload.addEnvironment({ SITE: 'fra' }));
    run();
    for (const path of ['systemd/system/api.service', 'containers/systemd/web.container', 'systemd/nspawn/db.nspawn'])
      expect(readFileSync(join(bundle, 'host/etc', path), 'utf8')).toContain('Environment=SITE=fra');
    const config = readFileSync(join(outdir, 'stacks/shop/cdk.tf.json'), 'utf8');
    expect(config.match(/Environment=SITE=fra/g)).toHaveLength(4);
  });

  test('that finds an error ends the synthesis, and leaves nothing to apply', () => {
    const checked = synthesize((workload) => {
      if (workload.directive('Service', 'MemoryMax') === undefined)
        Annotations.of(workload).addError('has no memory limit');
    });
    expect(checked.run).toThrow(/\[shop\/host\/web\] has no memory limit\n\[shop\/host\/db\] has no memory limit/);
    expect(existsSync(checked.bundle)).toBe(false);
  });

  test('that only warns does not', () => {
    const { run, bundle } = synthesize((workload) => Annotations.of(workload).addWarning('is old'));
    run();
    expect(existsSync(bundle)).toBe(true);
  });

  test('that adds what the host does not know is refused', () => {
    const { run } = synthesize((workload) => {
      workload.addDirectives({ Service: { Meory: 1 } as object });
    });
    expect(run).toThrow(/Meory in \[Service\].*unknown.*\(at shop\/host\/api\)/);
  });
});
