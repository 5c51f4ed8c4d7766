/** The library that a project synthesizes with. */
export type Library = 'cdktf' | 'cdktn';

/** The path that the constructs for a library are imported from. */
const MODULE = { cdktf: 'bulkhead', cdktn: 'bulkhead/cdktn' } as const satisfies Record<Library, string>;

/** The command that deploys through Terraform, as the README of a project names it. */
const DEPLOY = {
  cdktf: '`npx cdktf-cli deploy`',
  cdktn: '`npx cdktn-cli deploy`, which needs Node 22.19 or newer',
} as const satisfies Record<Library, string>;

/**
 * The files of a new project, except its package.json. The keys are paths in the project. The files deploy as they are.
 * @param projectId The ID for its cdktf.json, which no other project has.
 */
export function projectFiles(library: Library, projectId: string): Readonly<Record<string, string>> {
  return {
    'main.ts': `import { ConfigFile, Host, SystemdService } from '${MODULE[library]}';
import { App, TerraformStack } from '${library}';

const app = new App();
const stack = new TerraformStack(app, 'hello');

// The practice host. For your own host, use 'ssh://root@192.0.2.10', or 'ssh://NAME' with a name in your ssh_config.
const host = new Host(stack, 'host', { address: 'lab' });

// A file on the host. The web server below reads it at each request.
const page = new ConfigFile(host, 'hello-page', { path: '/etc/hello/index.html', content: '<h1>Hello</h1>\\n' });

// A program of the host, in a sandbox that props open. PodmanService runs a container, NspawnMachine a machine.
new SystemdService(host, 'hello', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '8000', '-h', '/etc/hello'], // a list, no shell: values are literal
  ports: [8000],
  memory: '64M', // the compiler checks most props: try '64X'
  restart: 'always',
  dependsOn: [page],
  directives: { Service: { RestartSec: '5s' } }, // any directive of systemd.service(5)
});

app.synth();
`,

    'test/main.test.ts': `import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const outdir = mkdtempSync(join(tmpdir(), 'hello-'));

before(async () => {
  process.env.CDKTF_OUTDIR = outdir;
  await import('../main.js');
});

after(() => rmSync(outdir, { recursive: true }));

/** A file as it will be on the host. */
const onHost = (path: string) => readFileSync(join(outdir, 'bundle', 'hello', 'host', path), 'utf8');

test('the service can use at most 64 MiB', () => {
  assert.match(onHost('/etc/systemd/system/hello.service'), /^MemoryMax=64M$/m);
});

test('the page says hello', () => {
  assert.equal(onHost('/etc/hello/index.html'), '<h1>Hello</h1>\\n');
});
`,

    'cdktf.json': `{
  "language": "typescript",
  "app": "npx tsx main.ts",
  "projectId": "${projectId}",
  "sendCrashReports": "false"
}
`,

    'tsconfig.json': `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "node16",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["*.ts", "test"]
}
`,

    '.gitignore': `node_modules/
cdktf.out/
.terraform/
*.tfstate*
`,

    '.github/workflows/ci.yml': `name: ci
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npm test
      - run: npm run synth
      # Shows the changes to the host on the page of this run. It needs two secrets of the repository:
      # SSH_KEY, a private key that the host accepts, and KNOWN_HOSTS, the output of "ssh-keyscan HOST".
      - name: diff
        env:
          SSH_KEY: \${{ secrets.SSH_KEY }}
          KNOWN_HOSTS: \${{ secrets.KNOWN_HOSTS }}
        run: |
          if [ -z "$SSH_KEY" ]; then echo 'Skipped: there is no secret SSH_KEY'; exit; fi
          umask 077
          mkdir -p ~/.ssh
          printf '%s\\n' "$SSH_KEY" > ~/.ssh/id_ed25519
          printf '%s\\n' "$KNOWN_HOSTS" > ~/.ssh/known_hosts
          npx bulkhead diff --markdown >> "$GITHUB_STEP_SUMMARY"
`,

    'README.md': `# Services on Linux hosts

[main.ts](main.ts) declares the services and their hosts. Bulkhead applies it.
\`\`\`
npm install
npm test                # checks the types, and the files for the host
npx bulkhead lab up     # starts the practice host; needs root on a Debian machine
npx bulkhead plan       # shows the changes
npx bulkhead apply      # makes the changes, after asking
npx bulkhead status     # shows the services
npx bulkhead destroy    # removes the services, and leaves nothing behind
\`\`\`
To deploy with Terraform instead, use ${DEPLOY[library]}. The page of a CI run shows what its pull request would change, see
[ci.yml](.github/workflows/ci.yml).
`,
  };
}
