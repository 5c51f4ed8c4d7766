// The application of ../web-app in containers of podman: the same files, the same settings, one image for all of them.
//   npx tsx examples/web-app-podman/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/web-app-podman
import { join } from 'node:path';
import {
  ConfigDirectory,
  ConfigFile,
  Host,
  Image,
  Network,
  PodmanService,
  PodmanVolume,
  Secret,
  SystemdTimer,
} from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'web-app-podman');
const host = new Host(stack, 'host', { address: 'lab' });

const shared = join(__dirname, '..', 'web-app');
const network = new Network(host, 'podbook');
const password = new Secret(host, 'database-password', { generate: {} });

// What all containers have in common. They can write only to their volumes and to /tmp.
const packages = ['gunicorn', 'nginx', 'postgresql', 'python3-psycopg2', 'python3-redis', 'redis-server'];
const container = { image: Image.debian('trixie', packages), readOnlyRoot: true, capabilities: [] } as const;

/** A directory of the other example. On the host it has a path of its own, and containers see it at `target`. */
const files = (id: string, path: string, directory: string, target: string) => {
  const source = new ConfigDirectory(host, id, { path, source: join(shared, directory) });
  return { source, target, readOnly: true };
};
const code = files('podbook-code', '/opt/podbook', 'app', '/opt/guestbook');

// The database, in a volume that stays when the stack is destroyed.
const postgres = {
  ...container,
  user: 'postgres',
  environment: { PGHOST: '/var/lib/guestbook-db', PGDATA: '/var/lib/guestbook-db/data' },
};
const bin = '/usr/lib/postgresql/17/bin';
const data = { source: new PodmanVolume(host, 'podbook-data'), target: '/var/lib/guestbook-db' };
const cluster = new PodmanService(host, 'podbook-cluster', {
  ...postgres,
  command: ['/bin/sh', '-c', `[ -e "$PGDATA/PG_VERSION" ] || exec ${bin}/initdb --auth=peer --encoding=UTF8`],
  oneshot: true,
  volumes: [data],
  network: 'none',
});
const settings = files('podbook-postgres', '/etc/podbook/postgres', 'postgres', '/etc/guestbook/postgres');
const db = new PodmanService(host, 'podbook-db', {
  ...postgres,
  command: [`${bin}/postgres`, `--config-file=${settings.target}/postgresql.conf`],
  volumes: [data, settings],
  network,
  aliases: ['db'],
  expose: [5432],
  health: 'notify',
  stopSignal: 'SIGINT',
  dependsOn: [cluster],
});

const migrate = new PodmanService(host, 'podbook-migrate', {
  ...postgres,
  command: ['/opt/guestbook/migrate.sh'],
  oneshot: true,
  volumes: [code, data],
  secrets: [password],
  environment: { ...postgres.environment, DATABASE_PASSWORD_FILE: password },
  network: 'none',
  dependsOn: [db],
});

const cache = new PodmanService(host, 'podbook-cache', {
  ...container,
  user: 'redis',
  command: ['/usr/bin/redis-server', '--save', '', '--protected-mode', 'no', '--supervised', 'systemd'],
  network,
  aliases: ['cache'],
  expose: [6379],
  health: 'notify',
});

const guestbook = new PodmanService(host, 'podbook-app', {
  ...container,
  user: 'www-data',
  command: ['/usr/bin/gunicorn', '--bind=[::]:8000', '--workers=2', '--preload', 'guestbook:application'],
  workingDirectory: code.target,
  volumes: [code],
  secrets: [password],
  environment: { DATABASE_PASSWORD_FILE: password },
  network,
  aliases: ['app'],
  expose: [8000],
  reaches: [db, cache],
  health: { http: 'http://localhost:8000/health' },
  dependsOn: [db, cache, migrate],
});

const config = {
  source: new ConfigFile(host, 'podbook-nginx', {
    path: '/etc/podbook/nginx.conf',
    source: join(shared, 'nginx.conf'),
  }),
  target: '/etc/guestbook/nginx.conf',
  readOnly: true,
  onChange: 'reload',
} as const;
const nginx = ['/usr/sbin/nginx', '-e', 'stderr', '-c', config.target] as const;
new PodmanService(host, 'podbook-web', {
  ...container,
  user: 'www-data',
  command: nginx,
  volumes: [config],
  network,
  ports: ['8501:80'],
  reaches: [guestbook],
  health: { http: 'http://localhost/health' },
  directives: {
    Service: {
      ExecReload: [
        ['/usr/bin/podman', 'exec', 'podbook-web', ...nginx, '-t'],
        ['/usr/bin/podman', 'kill', '--signal', 'HUP', 'podbook-web'],
      ],
    },
  },
  dependsOn: [guestbook],
});

// Every night, the timer starts a container that writes a dump of the database.
const backup = new PodmanService(host, 'podbook-backup', {
  ...postgres,
  command: ['/opt/guestbook/backup.sh'],
  oneshot: true,
  volumes: [code, data, { source: new PodmanVolume(host, 'podbook-backups'), target: '/var/lib/guestbook-backups' }],
  network: 'none',
  dependsOn: [db],
});
new SystemdTimer(host, 'podbook-nightly', { onCalendar: '*-*-* 03:30:00', persistent: true, service: backup });

app.synth();
