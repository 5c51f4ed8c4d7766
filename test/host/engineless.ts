import {
  ContainerdService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  OciService,
  PortableService,
  SystemdService,
} from 'bulkhead';
import { Lab } from '../../lib/lab';

/** Ports of services, each of another class that runs an image without podman and docker. */
export const PORTS = {
  'k-containerd': 8191,
  'k-crun': 8192,
  'k-runc': 8193,
  'k-portable': 8194,
  'k-systemd': 8195,
  'k-incus': 8196,
  'k-lxd': 8197,
  'k-lxc': 8198,
};

/** One service of each. They ignore the signal to stop. */
export const engineless =
  (environment: Readonly<Record<string, string>> = {}) =>
  (host: Host): void => {
    const image = Image.ociArchive(Lab.images().ociArchive);
    const props = (name: keyof typeof PORTS) =>
      ({ image, ports: [`${PORTS[name]}:80`], network: host.network, environment, stopTimeout: '1s' }) as const;
    new ContainerdService(host, 'k-containerd', props('k-containerd'));
    new OciService(host, 'k-crun', props('k-crun'));
    new OciService(host, 'k-runc', { ...props('k-runc'), runtime: 'runc' });
    new PortableService(host, 'k-portable', props('k-portable'));
    new SystemdService(host, 'k-systemd', props('k-systemd'));
    new IncusInstance(host, 'k-incus', props('k-incus'));
    new LxdInstance(host, 'k-lxd', props('k-lxd'));
    new LxcContainer(host, 'k-lxc', props('k-lxc'));
  };
