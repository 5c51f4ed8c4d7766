import { ConfigFile, type Host, Image, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { Lab } from '../../lib/lab';

export const PORTS = { 't-web': 8181, 't-db': 8182, 't-api': 8183 };

/** What each of them answers. */
export const PAGE = '<h1>It works</h1>';

/** A service of each runtime, each of which serves a page. */
export const three =
  ({ color = 'red', page = 't-page' } = {}) =>
  (host: Host): void => {
    const image = Image.ociArchive(Lab.images().ociArchive);
    const environment = { COLOR: color };
    new PodmanService(host, 't-web', { image, ports: [`${PORTS['t-web']}:80`], environment, stopTimeout: '1s' });
    new NspawnMachine(host, 't-db', { image, ports: [`${PORTS['t-db']}:80`], stopTimeout: '1s' });
    const content = new ConfigFile(host, page, { path: `/etc/${page}/index.html`, content: `${PAGE}\n` });
    new SystemdService(host, 't-api', {
      command: ['/usr/bin/busybox', 'httpd', '-f', '-p', `${PORTS['t-api']}`, '-h', `/etc/${page}`],
      ports: [PORTS['t-api']],
      dependsOn: [content],
    });
  };
