import {
  Image,
  NspawnMachine,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  PodmanVolume,
  SystemdNetdev,
  SystemdService,
} from 'bulkhead';
import { describeHost, lab } from './host';
import { practiceHost } from './stack';
import { Deployment, images } from './synth';

/** A mutation done behind Bulkhead's back, and what the plan says of it. */
type Row = [what: string, mutation: string, expected: string | RegExp];

interface Subject {
  /** Name of the service; also its unit. */
  readonly name: string;
  /** The file that a user would edit. */
  readonly file: string;
  readonly rows: readonly Row[];
}

/** A unit that had to be killed counts as failed. */
const stopped = (name: string) => new RegExp(`^start ${name}.service: (is inactive|has failed)`);

/** Rows of units whose files are no generator's. */
function ofFiles(name: string): Row[] {
  const file = `/etc/systemd/system/${name}.service`;
  return [
    ['disabled', `systemctl disable ${name}`, `enable ${name}.service: is disabled`],
    ['masked in its place', `ln -sf /dev/null ${file}; systemctl daemon-reload`, `write ${file}: is a symlink`],
    [
      'masked at run time, from above',
      `mkdir -p /run/systemd/transient && ln -s /dev/null /run/systemd/transient/${name}.service && systemctl daemon-reload`,
      `remove /run/systemd/transient/${name}.service: masks ${name}.service`,
    ],
  ];
}

/** Rows that every runtime has. */
function common(name: string, file: string): Row[] {
  const dropIn = (directory: string) =>
    `mkdir -p ${directory}/${name}.service.d && printf '[Service]\\nNice=7\\n' > ${directory}/${name}.service.d/behind.conf && systemctl daemon-reload`;
  return [
    ['file edited', `echo '# edited' >> ${file}`, `write ${file}: content differs`],
    ['file chmod-ed', `chmod 0600 ${file}`, `write ${file}: mode is 0600, expected 0644`],
    ['file chown-ed', `chown nobody:daemon ${file}`, `write ${file}: owner is nobody:daemon, expected root:root`],
    ['file deleted', `rm ${file}`, `write ${file}: is missing`],
    ['file deleted and reloaded', `rm ${file}; systemctl daemon-reload`, `write ${file}: is missing`],
    ['unit stopped', `systemctl stop ${name}`, stopped(name)],
    ['unit killed', `systemctl kill -s KILL ${name}; systemctl stop ${name}`, stopped(name)],
    [
      'drop-in in /etc',
      dropIn('/etc/systemd/system'),
      `remove /etc/systemd/system/${name}.service.d/behind.conf: changes ${name}.service`,
    ],
    [
      'drop-in in /run',
      dropIn('/run/systemd/system'),
      `remove /run/systemd/system/${name}.service.d/behind.conf: changes ${name}.service`,
    ],
    [
      'systemctl edit --runtime',
      `printf '[Service]\\nNice=7\\n' | SYSTEMD_EDITOR=tee systemctl edit --runtime --stdin ${name}`,
      `remove /run/systemd/system/${name}.service.d/override.conf: changes ${name}.service`,
    ],
    [
      'systemctl set-property',
      `systemctl set-property ${name} MemoryMax=900M`,
      new RegExp(`remove /etc/systemd/system.control/${name}.service.d/.*: changes`),
    ],
    [
      'systemctl set-property --runtime',
      `systemctl set-property --runtime ${name} TasksMax=900`,
      new RegExp(`remove /run/systemd/system.control/${name}.service.d/.*: changes`),
    ],
    [
      'unit file of higher precedence',
      `mkdir -p /run/systemd/transient && printf '[Service]\\nExecStart=/bin/sleep 99\\n' > /run/systemd/transient/${name}.service && systemctl daemon-reload`,
      `remove /run/systemd/transient/${name}.service: takes precedence over ${name}.service`,
    ],
  ];
}

const subjects: Record<string, Subject> = {
  systemd: {
    name: 'd-unit',
    file: '/etc/systemd/system/d-unit.service',
    rows: ofFiles('d-unit'),
  },
  podman: {
    name: 'd-box',
    file: '/etc/containers/systemd/d-box.container',
    rows: [
      [
        'disabled, which for a generated unit is masked',
        'systemctl stop d-box; systemctl mask d-box',
        'remove /etc/systemd/system/d-box.service: masks d-box.service',
      ],
      [
        'masked until the next boot',
        'systemctl mask --runtime d-box',
        'remove /run/systemd/system/d-box.service: masks d-box.service',
      ],
      [
        'drop-in of the Quadlet file',
        `mkdir -p /etc/containers/systemd/d-box.container.d && printf '[Container]\\nEnvironment=A=b\\n' > /etc/containers/systemd/d-box.container.d/x.conf`,
        'remove /etc/containers/systemd/d-box.container.d/x.conf: changes d-box.container',
      ],
      [
        'container re-created by hand',
        'image=$(podman inspect -f "{{.ImageName}}" d-box); systemctl stop d-box; podman run -d --name d-box "$image" /bin/sh -c "sleep 1000"',
        stopped('d-box'),
      ],
      ['container removed', 'podman rm -f -t 0 d-box; systemctl stop d-box', stopped('d-box')],
      [
        'image retagged',
        'tar -c --files-from /dev/null | podman import - localhost/other:1; podman tag localhost/other:1 "$(podman inspect -f "{{.ImageName}}" d-box)"',
        /^load localhost\/d-box:.*: is another image/,
      ],
      [
        'image removed',
        'podman rmi -f "$(podman inspect -f "{{.ImageName}}" d-box)"',
        /^load localhost\/d-box:.*: is missing/,
      ],
      [
        'unit file beside the Quadlet file',
        `printf '[Service]\\nExecStart=/bin/sleep 99\\n' > /etc/systemd/system/d-box.service`,
        'remove /etc/systemd/system/d-box.service: takes precedence over d-box.service',
      ],
    ],
  },
  nspawn: {
    name: 'd-machine',
    file: '/etc/systemd/nspawn/d-machine.nspawn',
    rows: [
      ...ofFiles('d-machine'),
      ['machine terminated', 'machinectl terminate d-machine; systemctl stop d-machine', stopped('d-machine')],
      [
        'root removed',
        'systemctl stop d-machine; rm -rf /var/lib/machines/d-machine',
        'load /var/lib/machines/d-machine: is missing',
      ],
      [
        'its link deleted',
        'ip link delete bh-d-machine',
        'restart d-machine-network.service: link:bh-d-machine is gone',
      ],
      [
        'its unit edited',
        'echo "# edited" >> /etc/systemd/system/d-machine.service',
        'write /etc/systemd/system/d-machine.service: content differs',
      ],
      [
        'its network stopped',
        'systemctl stop d-machine-network',
        'start d-machine-network.service: link:bh-d-machine is gone',
      ],
    ],
  },
};

/** What podman keeps for containers. The unit that makes it anew takes along those that use it, and nothing else. */
const resources: readonly Row[] = [
  [
    'network removed, with the containers on it',
    'podman network rm -f -t 0 d-net',
    'restart d-net-network.service: network:d-net is gone',
  ],
  [
    'volume removed',
    'systemctl stop d-member; podman volume rm d-data',
    'restart d-data-volume.service: volume:d-data is gone',
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
  ['unit of the network stopped', 'systemctl stop d-net-network', 'start d-net-network.service: network:d-net is gone'],
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

describeHost('drift', () => {
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
    deployment = new Deployment('drift-test', (host) => {
      const directives = { Install: { WantedBy: ['multi-user.target', 'rescue.target'] } };
      new SystemdService(host, 'd-unit', { command: ['/usr/bin/sleep', 'infinity'], directives });
      const image = Image.ociArchive(images().ociArchive);
      new PodmanService(host, 'd-box', { image, stopTimeout: '1s' });
      const network = new PodmanNetwork(host, 'd-net', { subnet: '10.93.0.0/24' });
      const source = new PodmanVolume(host, 'd-data', { removalPolicy: 'destroy' });
      const pod = new PodmanPod(host, 'd-pod', { networks: [network] });
      new PodmanService(host, 'd-member', { image, pod, volumes: [{ source, target: '/data' }] });
      new SystemdNetdev(host, 'd-bridge', { directives: { NetDev: { Name: 'd-bridge', Kind: 'bridge' } } });
      new NspawnMachine(host, 'd-machine', { image, ports: ['8071:80'], stopTimeout: '1s' });
    });
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });

  afterAll(async () => {
    await deployment.destroy();
    await lab.sh('podman rmi -f -i localhost/other:1');
    deployment.cleanUp();
  });

  /** Changes something behind Bulkhead's back, which the next plan says and the next apply undoes. */
  const seenAndRepaired = async (mutation: string, expected: string | RegExp) => {
    await lab.sh(mutation);
    const differences = await deployment.differences();
    expect(differences).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  };

  test.each(resources)('podman: %s', async (_, mutation, expected) => {
    const before = await invocations();
    await seenAndRepaired(mutation, expected);
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

  for (const [runtime, { name, file, rows }] of Object.entries(subjects)) {
    describe(runtime, () => {
      test.each([...common(name, file), ...rows])('%s', async (_, mutation, expected) => {
        const before = await invocations();
        await seenAndRepaired(mutation, expected);
        const after = await invocations();
        delete before[`${name}.service`];
        expect(after).toMatchObject(before);
      });
    });
  }

  test('a restart of the host is none', async () => {
    const before = await invocations();
    await practiceHost.restart();
    await lab.sh('systemctl is-system-running --wait || true');
    expect(await deployment.differences()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
    for (const [unit, id] of Object.entries(await invocations())) expect(id).not.toBe(before[unit]);
  });
});
