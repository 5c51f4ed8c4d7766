import { PodmanService, type PodmanServiceProps, SystemdService, SystemdTimer } from 'bulkhead';
import { Construct } from 'constructs';

export interface LoadPageProps {
  /** Image with a web server that serves /www on port 80. */
  readonly image: PodmanServiceProps['image'];
  /** Port of the host for the page, from 1 to 65535. */
  readonly port: number;
  /**
   * Seconds between two lines of the page.
   * @default 10
   */
  readonly intervalSec?: number;
  /**
   * Number of lines that the timer keeps each night.
   * @default 1000
   */
  readonly keep?: number;
}

const COLLECT = `cd "$STATE_DIRECTORY" || exit
while cut -d ' ' -f 1-3 /proc/loadavg >> lines; do
  { echo '<h1>Load</h1><pre>'; tail -n 20 lines; echo '</pre>'; } > page && mv page index.html
  sleep "$1"
done`;
const TRIM = 'cd "$STATE_DIRECTORY" && tail -n "$1" lines > kept && mv kept lines';

/** A page with the load of a host. A worker collects the load, a container serves it, and a timer deletes old lines. */
export class LoadPage extends Construct {
  /** Serves the page. */
  readonly web: PodmanService;
  /** Writes the page. */
  readonly worker: SystemdService;
  /** Deletes old lines. */
  readonly trim: SystemdTimer;

  constructor(scope: Construct, id: string, { image, port, intervalSec = 10, keep = 1000 }: LoadPageProps) {
    super(scope, id);
    // Each page has its own directory, so that a host can have several.
    const stateDirectory = `load-page-${this.node.addr.slice(-8)}`;
    const shared = { stateDirectory, user: 'www-data', memory: '32M' } as const;
    this.worker = new SystemdService(this, 'worker', {
      ...shared,
      command: ['/bin/sh', '-c', COLLECT, 'collect', String(intervalSec)],
      restart: 'always',
    });
    this.web = new PodmanService(this, 'web', {
      image,
      ports: [{ host: port, container: 80 }],
      volumes: [{ source: `/var/lib/${stateDirectory}`, target: '/www', readOnly: true }],
      health: { http: 'http://localhost/' },
      dependsOn: [this.worker],
    });
    this.trim = new SystemdTimer(this, 'trim', {
      ...shared,
      command: ['/bin/sh', '-c', TRIM, 'trim', String(keep)],
      onCalendar: 'daily',
    });
  }
}
