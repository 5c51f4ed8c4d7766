import {
  ContainerdService,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  MachineImage,
  NspawnMachine,
  OciService,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  PodmanVolume,
  PortableService,
  SystemdNetdev,
  SystemdService,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../lib/lab';
import { tarOf } from '../archives/made-tar';
import { common, type Row } from './drift-rows';
import { subjects } from './drift-subjects';
import { describeHost, lab } from './host';
import { MadeImages } from './made-images';
import { type Change, roundsOf } from './rounds';
import { practiceHost } from './stack';
import { Deployment, images } from './synth';

/** What podman keeps for containers. The unit that makes it anew takes along those that use it, and nothing else. */
const resources: readonly Row[] = [
  [
    'network removed, with the containers on it',
    'podman network rm -f -t 0 d-net',
    'restart d-net-network.service: podman-network:d-net is missing',
  ],
  [
    'volume removed',
    'systemctl stop d-member; podman volume rm d-data',
    'restart d-data-volume.service: podman-volume:d-data is missing',
  ],
  [
    'pod removed, with its containers',
    'podman pod rm -f -t 0 d-pod; systemctl stop d-pod-pod',
    /^start d-pod-pod.service: (is inactive|has failed)/,
  ],
  [
    'network file edited',
    `sed -i 's/^Subnet=.*/Subnet=10.94.0.0\\/24/' /etc/containers/systemd/d-net.network`,
    'write /etc/containers/systemd/d-net.network: differs in Network.Subnet',
  ],
  [
    'drop-in of the volume file',
    `mkdir -p /etc/containers/systemd/d-data.volume.d && printf '[Volume]\\nUser=7\\n' > /etc/containers/systemd/d-data.volume.d/x.conf`,
    'remove /etc/containers/systemd/d-data.volume.d/x.conf: changes d-data.volume',
  ],
  [
    'unit of the network stopped',
    'systemctl stop d-net-network',
    'start d-net-network.service: podman-network:d-net is missing',
  ],
];

/** What starts a unit at boot; nothing restarts when it is set right. */
const links: readonly Row[] = [
  [
    'wanted by one more target',
    'systemctl add-wants graphical.target d-unit',
    'enable d-unit.service: is wanted by graphical.target, too',
  ],
  [
    'required by one more target, with its own link gone',
    'cd /etc/systemd/system; rm multi-user.target.wants/d-machine.service; systemctl add-requires graphical.target d-machine',
    'enable d-machine.service: is not wanted by multi-user.target; is required by graphical.target, too',
  ],
  [
    'one link gone of two',
    'rm /etc/systemd/system/rescue.target.wants/d-unit.service; systemctl daemon-reload',
    'enable d-unit.service: is not wanted by rescue.target',
  ],
  [
    'another name',
    'ln -s d-unit.service /etc/systemd/system/d-other.service; systemctl daemon-reload',
    'enable d-unit.service: is called d-other.service, too',
  ],
  [
    'wanted although it is not to be enabled',
    'systemctl add-wants graphical.target d-machine-network',
    'remove /etc/systemd/system/graphical.target.wants/d-machine-network.service: d-machine-network.service is wanted by graphical.target',
  ],
  [
    'wanted from outside of its Quadlet file',
    'mkdir -p /etc/systemd/system/graphical.target.wants; ln -s /run/systemd/generator/d-box.service /etc/systemd/system/graphical.target.wants/; systemctl daemon-reload',
    'remove /etc/systemd/system/graphical.target.wants/d-box.service: d-box.service is wanted by graphical.target',
  ],
];

const rounds = roundsOf(
  Object.values(subjects).map(({ name, file, rows }) =>
    [...common(name, file), ...rows].map(([what, mutation, expected]) => ({ service: name, what, mutation, expected })),
  ),
);

describeHost('drift', () => {
  const made = new MadeImages();
  let deployment: Deployment;
  const invocations = async (): Promise<Record<string, string>> => {
    const units = Object.values(subjects).map(({ name }) => `${name}.service`);
    const ids = await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...units);
    return Object.fromEntries(
      ids
        .trim()
        .split('\n')
        .map((id, index) => [units[index] ?? '', id]),
    );
  };

  beforeAll(async () => {
    // An image of its own for each whose root is removed, which others would share.
    const busybox = await MadeImages.busybox();
    const command = { Cmd: ['sleep', '100000'], Env: ['PATH=/bin'] };
    const own = (name: string) => made.of([busybox, tarOf([{ path: name, content: name }])], command);
    deployment = new Deployment('drift-test', (host) => {
      const directives = { Install: { WantedBy: ['multi-user.target', 'rescue.target'] } };
      new SystemdService(host, 'd-unit', { command: ['/usr/bin/sleep', 'infinity'], directives });
      const image = Image.ociArchive(images().ociArchive);
      new SystemdService(host, 'd-image', { image: Image.tar(images().tar), command: ['/bin/sleep', '100000'] });
      new PortableService(host, 'd-portable', { image, command: ['sleep', '100000'], network: 'none' });
      new PodmanService(host, 'd-box', { image, stopTimeout: '1s' });
      const network = new PodmanNetwork(host, 'd-net', { subnet: '10.93.0.0/24' });
      const source = new PodmanVolume(host, 'd-data', { removalPolicy: 'destroy' });
      const pod = new PodmanPod(host, 'd-pod', { networks: [network] });
      new PodmanService(host, 'd-member', { image, pod, volumes: [{ source, target: '/data' }] });
      new SystemdNetdev(host, 'd-bridge', { directives: { NetDev: { Name: 'd-bridge', Kind: 'bridge' } } });
      new OciService(host, 'd-bundle', { image: own('bundle'), stopTimeout: '1s' });
      new LxcContainer(host, 'd-lxc', { image: own('lxc'), stopTimeout: '1s' });
      new ContainerdService(host, 'd-task', { image, stopTimeout: '1s' });
      new IncusInstance(host, 'd-incus', { image: own('incus'), stopTimeout: '1s' });
      new LxdInstance(host, 'd-lxd', { image: own('lxd'), stopTimeout: '1s' });
      const disk = {
        ...Lab.guest(),
        image: own('guest'),
        command: ['/bin/sleep', '100000'],
        memory: '128M',
        stopTimeout: '1s',
      } as const;
      new VirtualMachine(host, 'd-guest', { ...disk, volumes: ['/srv:/srv:ro'] });
      const base = new MachineImage(host, 'd-base', { image });
      const alone = { command: ['/bin/sleep', '100000'], stopTimeout: '1s', network: 'none' } as const;
      new NspawnMachine(host, 'd-shared', { image: base, readOnlyRoot: true, ...alone });
      new NspawnMachine(host, 'd-machine', { image, ports: ['8071:80'], stopTimeout: '1s' });
    });
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });

  afterAll(async () => {
    // What somebody else put in the place of an instance is kept, and is theirs to delete.
    await lab.sh('incus delete d-incus-previous || :; lxc delete d-lxd-previous || :');
    await deployment.destroy();
    await lab.sh('podman rmi -f -i localhost/other:1');
    deployment.cleanUp();
    made.cleanUp();
  });

  /** Changes something behind Bulkhead's back, which the next plan says and the next apply undoes. */
  const seenAndRepaired = async (...changes: readonly Pick<Change, 'mutation' | 'expected'>[]) => {
    for (const { mutation } of changes) await lab.sh(mutation);
    const differences = await deployment.differences();
    for (const { expected } of changes)
      expect(differences).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  };

  test.each(resources)('podman: %s', async (_, mutation, expected) => {
    const before = await invocations();
    await seenAndRepaired({ mutation, expected });
    expect(await lab.sh('systemctl is-active d-member')).toBe('active\n');
    expect(await lab.sh('podman network inspect -f "{{range .Subnets}}{{.Subnet}}{{end}}" d-net')).toBe(
      '10.93.0.0/24\n',
    );
    expect(await invocations()).toEqual(before);
  });

  test.each(links)('links: %s', async (_, mutation, expected) => {
    const before = await invocations();
    const listing = () => lab.sh('cd /etc/systemd/system; find . -name "d-*" -type l | sort; ls -d *.target.*');
    const right = await listing();
    await lab.sh(mutation);
    expect(await deployment.differences()).toEqual([expected]);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await listing()).toBe(right);
    expect(await invocations()).toEqual(before);
  });

  test.each(rounds)('%s', async (_, changes) => {
    const before = await invocations();
    await seenAndRepaired(...changes);
    for (const { service } of changes) delete before[`${service}.service`];
    expect(await invocations()).toMatchObject(before);
  });

  test('a restart of the host is none', async () => {
    const before = await invocations();
    await practiceHost.restart();
    await lab.sh('systemctl is-system-running --wait || true');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
    for (const [unit, id] of Object.entries(await invocations())) expect(id).not.toBe(before[unit]);
  });
});
