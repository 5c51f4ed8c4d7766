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

// Where it runs: now the practice host. One of yours: 'ssh://root@192.0.2.10', or 'ssh://NAME' of your ssh_config.
const host = new Host(stack, 'host', { address: 'lab' });

// A file on the host. The web server below reads it at each request.
const page = new ConfigFile(host, 'hello-page', { path: '/etc/hello/index.html', content: '<h1>Hello</h1>\\n' });

// A program on the host, in a sandbox that props open. PodmanService runs a container, NspawnMachine a machine.
new SystemdService(host, 'hello', {
  command: ['/usr/bin/busybox', 'httpd', '-f', '-p', '8000', '-h', '/etc/hello'], // a list, no shell: values are literal
  ports: [8000],
  memory: '64M', // most props have a short form that the compiler checks: try '64X'
  restart: 'always',
  dependsOn: [page],
  directives: { Service: { RestartSec: '5s' } }, // whatever systemd.service(5) knows
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

test('the service may use 64 MiB and no more', () => {
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
      # Shows what would change on the host, on the page of this run. It needs two secrets of the repository:
      # SSH_KEY, a private key that the host accepts, and KNOWN_HOSTS, what "ssh-keyscan HOST" prints.
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

[main.ts](main.ts) says what runs where. Bulkhead makes it so.
\`\`\`
npm install
npm test                # types, and what will land on the host
npx bulkhead lab up     # the practice host; needs root on a Debian machine
npx bulkhead plan       # what would be done
npx bulkhead apply      # does it, after asking
npx bulkhead status
npx bulkhead destroy    # leaves nothing behind
\`\`\`
With Terraform instead: ${DEPLOY[library]}. What a pull request would change shows on the page of its CI run, see
[ci.yml](.github/workflows/ci.yml).
`,
  };
}
