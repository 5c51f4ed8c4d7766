// Servers from the host's Debian packages, each in a strict sandbox that is opened only where the server needs it.
//   npx bulkhead lab up --packages postgresql,redis-server,nginx,caddy,nodejs,gunicorn,rsyslog
//   npx tsx examples/servers/main.ts && npx bulkhead apply --bundle cdktf.out/bundle/servers
import { join } from 'node:path';
import { ConfigFile, Host, raw, Secret, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'servers');
const host = new Host(stack, 'host', { address: 'lab' });

/** A file beside this one, which is sent to the host. */
const sent = (path: string, name: string) =>
  new ConfigFile(host, name.replace('.', '-'), { path, source: join(__dirname, name) });

// PostgreSQL. Its user "postgres" has this password, and on the host needs none on the socket in /run/my-postgresql.
const password = new Secret(host, 'my-postgresql-password', { generate: {} });
const postgresql = '/usr/lib/postgresql/17/bin';
const init = `[ -e "$STATE_DIRECTORY/data" ] || {
  rm -rf "$STATE_DIRECTORY/new"
  ${postgresql}/initdb --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 \\
    --locale-provider=builtin --locale=C.UTF-8 "$STATE_DIRECTORY/new"
  mv "$STATE_DIRECTORY/new" "$STATE_DIRECTORY/data"
}`;
const setPassword = `${postgresql}/psql -qX -v ON_ERROR_STOP=1 -h /run/my-postgresql -p 3610 << 'SQL'
\\set password \`cat "$CREDENTIALS_DIRECTORY/my-postgresql-password"\`
ALTER USER postgres PASSWORD :'password'
SQL`;
new SystemdService(host, 'my-postgresql', {
  command: [`${postgresql}/postgres`, '-D', '/var/lib/my-postgresql/data', '-k', '/run/my-postgresql'],
  // Without `jit`, PostgreSQL can't compile queries to machine code.
  args: ['-h', '127.0.0.1', '-p', '3610', '-c', 'jit=off'],
  user: 'postgres',
  stateDirectory: 'my-postgresql',
  secrets: [password],
  ports: ['127.0.0.1:3610:3610'],
  health: 'notify',
  // Ends open connections. With SIGTERM, PostgreSQL would wait until its clients leave.
  stopSignal: 'SIGINT',
  directives: {
    Service: {
      RuntimeDirectory: 'my-postgresql',
      ExecStartPre: ['/bin/sh', '-euc', init],
      // At each start, since the service also restarts when the secret has another value.
      ExecStartPost: ['/bin/sh', '-euc', setPassword],
      // Only the first process gets the signal, and stops the others.
      KillMode: 'mixed',
    },
  },
});

// Redis, which writes each change to a log instead of snapshots.
new SystemdService(host, 'my-redis', {
  command: ['/usr/bin/redis-server', '--bind', '127.0.0.1', '--port', '3620', '--supervised', 'systemd'],
  args: ['--dir', '/var/lib/my-redis', '--appendonly', 'yes', '--save', ''],
  stateDirectory: 'my-redis',
  ports: ['127.0.0.1:3620:3620'],
  health: 'notify',
});

// nginx, which serves files.
const nginx = sent('/etc/my-servers/nginx.conf', 'nginx.conf');
new SystemdService(host, 'my-nginx', {
  command: ['/usr/sbin/nginx', '-c', nginx.path, '-e', 'stderr'],
  volumes: [{ source: nginx, target: nginx.path, onChange: 'reload' }],
  ports: [3630],
  health: { http: 'http://localhost:3630/' },
  stopSignal: 'SIGQUIT',
  directives: { Service: { ExecReload: ['/bin/kill', '-HUP', raw('$MAINPID')] } },
});

// Caddy, which encrypts the connections to Node. It keeps its keys and certificates.
const caddyfile = sent('/etc/my-servers/Caddyfile', 'Caddyfile');
new SystemdService(host, 'my-caddy', {
  command: ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', caddyfile.path],
  volumes: [{ source: caddyfile, target: caddyfile.path }],
  environment: { HOME: '/var/lib/my-caddy' },
  stateDirectory: 'my-caddy',
  ports: [3640, '3640/udp'],
  health: 'notify',
});

// Node.
const notesOfNode = sent('/usr/local/lib/my-servers/notes.mjs', 'notes.mjs');
new SystemdService(host, 'my-node', {
  command: ['/usr/bin/node', notesOfNode.path],
  volumes: [{ source: notesOfNode, target: notesOfNode.path }],
  environment: { PORT: '3650' },
  stateDirectory: 'my-node',
  ports: ['127.0.0.1:3650:3650'],
  health: { http: 'http://localhost:3650/' },
  // V8 compiles JavaScript to machine code.
  jit: true,
});

// A Python application under gunicorn.
const notesOfPython = sent('/usr/local/lib/my-servers/notes.py', 'notes.py');
new SystemdService(host, 'my-gunicorn', {
  command: ['/usr/bin/gunicorn', '--bind', '127.0.0.1:3660', '--workers', '2', 'notes:application'],
  workingDirectory: '/usr/local/lib/my-servers',
  volumes: [{ source: notesOfPython, target: notesOfPython.path }],
  stateDirectory: 'my-gunicorn',
  ports: ['127.0.0.1:3660:3660'],
  health: { http: 'http://localhost:3660/' },
});

// rsyslog, which sends the journal of the host to port 3670, and keeps what the other side has not received.
const rsyslog = sent('/etc/my-servers/rsyslog.conf', 'rsyslog.conf');
new SystemdService(host, 'my-rsyslog', {
  command: ['/usr/sbin/rsyslogd', '-n', '-iNONE', '-f', rsyslog.path],
  volumes: [{ source: rsyslog, target: rsyslog.path }],
  stateDirectory: 'my-rsyslog',
  health: 'notify',
  // The members of this group can read the journal.
  directives: { Service: { SupplementaryGroups: ['systemd-journal'] } },
});

app.synth();
