// A web application of five services and two jobs, as programs of the host in strict sandboxes. The practice host needs
// their packages:
//   npx bulkhead lab up --packages gunicorn,nginx,postgresql,python3-psycopg2,python3-redis,redis-server
//   npx tsx examples/web-app/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/web-app
// ../web-app-podman has the same application in containers.
import { join } from 'node:path';
import { ConfigDirectory, ConfigFile, Host, Network, raw, Secret, SystemdService, SystemdTimer } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'web-app');
const host = new Host(stack, 'host', { address: 'lab' });

const network = new Network(host, 'guestbook');
const password = new Secret(host, 'database-password', { generate: {} });

/** A directory beside this file, which services see at its path on the host. */
const files = (id: string, path: string, directory: string) => {
  const source = new ConfigDirectory(host, id, { path, source: join(__dirname, directory) });
  return { source, target: path, readOnly: true };
};
// A change of the code runs the migrations, and then restarts the application.
const code = files('guestbook-code', '/opt/guestbook', 'app');

// The database. `cluster` creates its files once. A database that is there stays as it is.
const postgres = {
  user: 'postgres',
  environment: { PGHOST: '/var/lib/guestbook-db', PGDATA: '/var/lib/guestbook-db/data' },
};
const bin = '/usr/lib/postgresql/17/bin';
const cluster = new SystemdService(host, 'guestbook-cluster', {
  ...postgres,
  command: ['/bin/sh', '-c', `[ -e "$PGDATA/PG_VERSION" ] || exec ${bin}/initdb --auth=peer --encoding=UTF8`],
  oneshot: true,
  stateDirectory: 'guestbook-db',
  network: 'none',
});
const settings = files('guestbook-postgres', '/etc/guestbook/postgres', 'postgres');
const db = new SystemdService(host, 'guestbook-db', {
  ...postgres,
  command: [`${bin}/postgres`, `--config-file=${settings.target}/postgresql.conf`],
  stateDirectory: 'guestbook-db',
  volumes: [settings],
  network,
  aliases: ['db'],
  expose: [5432],
  health: 'notify',
  stopSignal: 'SIGINT', // ends the connections of clients. With SIGTERM, PostgreSQL would wait for them.
  directives: { Service: { KillMode: 'mixed' } },
  dependsOn: [cluster],
});

// The job connects to the database by a socket in its directory. If it fails, the application stays as it is.
const migrate = new SystemdService(host, 'guestbook-migrate', {
  ...postgres,
  command: ['/opt/guestbook/migrate.sh'],
  oneshot: true,
  volumes: [code],
  secrets: [password],
  environment: { ...postgres.environment, DATABASE_PASSWORD_FILE: password },
  network: 'none',
  dependsOn: [db],
});

const cache = new SystemdService(host, 'guestbook-cache', {
  command: ['/usr/bin/redis-server', '--save', '', '--protected-mode', 'no', '--supervised', 'systemd'],
  network,
  aliases: ['cache'],
  expose: [6379],
  health: 'notify',
});

const guestbook = new SystemdService(host, 'guestbook-app', {
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

// A change of the config is checked, and then loaded without a restart.
const config = new ConfigFile(host, 'guestbook-nginx', {
  path: '/etc/guestbook/nginx.conf',
  source: join(__dirname, 'nginx.conf'),
});
const nginx = ['/usr/sbin/nginx', '-e', 'stderr', '-c', config.path] as const;
new SystemdService(host, 'guestbook-web', {
  command: nginx,
  volumes: [{ source: config, target: config.path, readOnly: true, onChange: 'reload' }],
  network,
  ports: ['8500:80'],
  reaches: [guestbook],
  health: { http: 'http://localhost/health' },
  directives: {
    Service: {
      ExecReload: [
        [...nginx, '-t'],
        ['/bin/kill', '-HUP', raw('$MAINPID')],
      ],
    },
  },
  dependsOn: [guestbook],
});

// Every night, a dump of the database. Try it with `systemctl start guestbook-backup`.
new SystemdTimer(host, 'guestbook-backup', {
  ...postgres,
  onCalendar: '*-*-* 03:30:00',
  persistent: true,
  command: ['/opt/guestbook/backup.sh'],
  stateDirectory: 'guestbook-backups',
  volumes: [code],
  network: 'none',
  dependsOn: [db],
});

app.synth();
