// Every runtime in one stack, with one image on one network. Only the classes differ. The practice host needs these
// packages:
//   npx bulkhead lab up --packages containerd,docker-cli,docker.io,e2fsprogs,incus-base,incus-client,iptables,lxc,lxd,lxd-client,qemu-system-x86,runc
//   npx tsx examples/ten-systems/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/ten-systems
import {
  ConfigFile,
  ContainerdService,
  DockerDaemon,
  DockerService,
  Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  Network,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from 'bulkhead/lab';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'ten-systems');
const host = new Host(stack, 'host', { address: 'lab' });
new DockerDaemon(host, 'ten-docker-daemon'); // lets docker containers join a Network

const common = {
  image: Image.ociArchive(Lab.images().ociArchive), // a web server, which the CMD of the image starts
  network: new Network(host, 'ten'),
  expose: [80],
} as const;

const services = [
  new SystemdService(host, 'ten-systemd', common),
  new PortableService(host, 'ten-portable', common),
  new PodmanService(host, 'ten-podman', common),
  new DockerService(host, 'ten-docker', common),
  new ContainerdService(host, 'ten-containerd', common),
  new OciService(host, 'ten-crun', common),
  new OciService(host, 'ten-runc', { ...common, runtime: 'runc' }),
  new NspawnMachine(host, 'ten-nspawn', common),
  new LxcContainer(host, 'ten-lxc', common),
  new LxcContainer(host, 'ten-lxc-privileged', { ...common, privileged: true }),
  new LxdInstance(host, 'ten-lxd', common),
  new IncusInstance(host, 'ten-incus', common),
  // A virtual machine also needs a kernel.
  new VirtualMachine(host, 'ten-vm', {
    ...common,
    ...Lab.guest(),
    memory: '128M',
    health: { tcp: 80, timeout: '5min' },
  }),
];

// This service reaches all others. On port 8400 of the host, it reports which ones answer.
const ask = new ConfigFile(host, 'ten-ask', {
  path: '/etc/ten/ask.sh',
  content: `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'
for name in ${services.map(({ hostname }) => hostname).join(' ')}; do
  curl --silent --fail --max-time 5 --output /dev/null "http://$name/" && echo "$name answers" || echo "$name is silent"
done
`,
});
new SystemdService(host, 'ten-front', {
  command: ['/usr/bin/socat', 'TCP6-LISTEN:80,ipv6only=0,reuseaddr,fork', `EXEC:/bin/sh ${ask.path}`],
  volumes: [{ source: ask, target: ask.path, readOnly: true }],
  network: common.network,
  ports: ['8400:80'],
  reaches: services,
  dependsOn: services,
});

app.synth();
