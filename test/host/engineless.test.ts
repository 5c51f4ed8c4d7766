import { engineless, PORTS } from './engineless';
import { inventory, lab } from './host';
import { Project } from './project';
import { roundsOf } from './rounds';
import { describeTerraformOnHost, practiceHost, Stack } from './stack';
import { PAGE } from './three';

jest.setTimeout(600_000);

const NAMES = Object.keys(PORTS);

/** What each service answers. */
const answers = async () =>
  (
    await lab.sh(
      'for port; do curl -sS --retry 100 --retry-all-errors --retry-delay 0 --retry-max-time 30 "http://127.0.0.1:$port/"; done',
      ...Object.values(PORTS).map(String),
    )
  ).trim();
const ALL_ANSWER = NAMES.map(() => PAGE).join('\n');

/** What tells each start of a service from the ones before. */
const invocations = async () =>
  (await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...NAMES)).trim().split('\n');

/** What is done behind Bulkhead's back to each service, and what a plan of Terraform says of it. */
const ROWS: Readonly<Record<keyof typeof PORTS, readonly (readonly [string, string, RegExp])[]>> = {
  'k-containerd': [
    ['stopped', 'systemctl stop k-containerd', /k-containerd\.service (is inactive|has failed)/],
    [
      'run by another unit file',
      'echo "# x" >> /etc/systemd/system/k-containerd.service',
      /k-containerd\.service content differs/,
    ],
    ['described otherwise', 'echo >> /etc/bulkhead/containerd/k-containerd.json', /k-containerd\.json content differs/],
    [
      'of an image without a name',
      'ctr -n bulkhead images rm $(ctr -n bulkhead images ls -q | grep k-containerd)',
      /containerd-image:localhost\/k-containerd:\S+ is missing/,
    ],
  ],
  'k-crun': [
    ['stopped', 'systemctl stop k-crun', /k-crun\.service (is inactive|has failed)/],
    ['described otherwise', 'echo >> /etc/bulkhead/oci/k-crun/config.json', /k-crun\/config\.json content differs/],
  ],
  'k-runc': [
    ['not started at boot', 'systemctl disable --quiet k-runc', /k-runc\.service is disabled/],
    ['without its link', 'ip link delete bh-k-runc', /interface:bh-k-runc is missing/],
  ],
  'k-portable': [
    ['stopped', 'systemctl stop k-portable', /k-portable\.service (is inactive|has failed)/],
    [
      'run with another profile',
      'ln -sf /usr/lib/systemd/portable/profile/trusted/service.conf /etc/systemd/system.attached/k-portable.service.d/10-profile.conf',
      /link:\S+10-profile\.conf/,
    ],
    [
      'without its root',
      `rm -r "$(dirname "$(sed -n 's/^RootDirectory=//p' /etc/systemd/system.attached/k-portable.service.d/20-portable.conf)")"`,
      /image-root:\S+ is missing/,
    ],
  ],
  'k-systemd': [
    [
      'changed by a drop-in',
      'mkdir -p /etc/systemd/system/k-systemd.service.d; printf "[Service]\\nNice=5\\n" > /etc/systemd/system/k-systemd.service.d/x.conf; systemctl daemon-reload',
      /k-systemd\.service\.d\/x\.conf/,
    ],
  ],
  'k-incus': [
    ['given more memory', 'incus config set k-incus limits.memory 200MiB', /differs in limits\.memory/],
    ['allowed more', 'incus config set k-incus security.nesting true', /differs in security\.nesting/],
    ['paused', 'incus pause k-incus', /incus-instance:k-incus is paused/],
    ['deleted', 'systemctl stop k-incus; incus delete k-incus', /incus-instance:k-incus is missing/],
  ],
  'k-lxd': [
    ['given a device', 'lxc config device add k-lxd x disk source=/srv path=/srv', /differs in device x/],
    ['without its link', 'lxc config device remove k-lxd eth0', /differs in device eth0/],
    ['stopped', 'systemctl stop k-lxd', /k-lxd\.service (is inactive|has failed|interface:bh-k-lxd is missing)/],
    ['of an image without a name', 'lxc image delete $(lxc image list -f csv -c F)', /lxd-image:\S+ is missing/],
  ],
  'k-lxc': [
    ['stopped', 'systemctl stop k-lxc', /k-lxc\.service (is inactive|has failed)/],
    ['described otherwise', 'echo >> /var/lib/lxc/k-lxc/config', /k-lxc\/config content differs/],
  ],
};

const ROUNDS = roundsOf(
  Object.entries(ROWS).map(([service, rows]) =>
    rows.map(([what, mutation, expected]) => ({ service, what, mutation, expected })),
  ),
);

describeTerraformOnHost('services of images without podman and docker', () => {
  let stack: Stack;
  let before: string;
  beforeAll(async () => {
    before = await inventory();
    stack = new Stack('k-stack');
    await stack.apply(engineless());
  });
  afterAll(() => stack.cleanUp());

  test('answer, and a second plan is empty, also after a restart of the host', async () => {
    expect(await answers()).toBe(ALL_ANSWER);
    expect(await stack.plan()).toBe('');
    await practiceHost.restart();
    expect(await answers()).toBe(ALL_ANSWER);
    expect(await stack.plan()).toBe('');
  });

  test.each(ROUNDS)('%s: told of and repaired, and no other is touched', async (_, changes) => {
    const started = await invocations();
    for (const { mutation } of changes) await lab.sh(mutation);
    const plan = await stack.plan();
    for (const { expected } of changes) expect(plan).toMatch(expected);
    await stack.apply(engineless());
    expect(await answers()).toBe(ALL_ANSWER);
    expect(await stack.plan()).toBe('');
    const others = (ids: readonly string[]) =>
      ids.filter((__, at) => !changes.some(({ service }) => service === NAMES[at]));
    expect(others(await invocations())).toEqual(others(started));
  });

  test('go without a trace', async () => {
    await stack.destroy();
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('services of images without podman and docker, by the CLI of cdktf', () => {
  test('are deployed, have an empty plan, and are destroyed', async () => {
    const before = await inventory();
    const project = new Project('engineless-app.ts', 'k-cdktf');
    try {
      const deployed = await project.cdktf('deploy', '--auto-approve', 'k-cdktf');
      expect(deployed).toMatchObject({ exitCode: 0 });
      expect(await answers()).toBe(ALL_ANSWER);
      const plan = await project.terraform.run(['plan', '-detailed-exitcode', '-no-color']);
      expect(plan).toMatchObject({ exitCode: 0 });
    } finally {
      const destroyed = await project.cdktf('destroy', '--auto-approve', 'k-cdktf');
      expect(destroyed).toMatchObject({ exitCode: 0 });
      project.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});
