import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFile, type Host, PodmanBuild, PodmanImage, PodmanKube, PodmanService, User } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { practiceHost } from './stack';
import { Deployment, images } from './synth';

/** Runs a shell script as the user, whom nobody logs in as. */
const asUser = (script: string, ...args: readonly string[]) =>
  lab.sh(
    `script=$1; shift; cd /
    exec setpriv --reuid=ri-user --regid=ri-user --init-groups --reset-env \\
      env XDG_RUNTIME_DIR="/run/user/$(id -u ri-user)" sh -euc "$script" sh "$@"`,
    script,
    ...args,
  );

const UNITS = ['ri-pulled', 'ri-site', 'ri-pod'];
const runs = async () =>
  (await asUser('for unit; do systemctl --user show -P InvocationID "$unit"; done', ...UNITS)).trim().split('\n');

/** What the pulled image, the built one and the pod answer. */
const pages = () =>
  lab.sh('for port in 8261 8262 8263; do curl -fsS --retry 9 --retry-all-errors "127.0.0.1:$port"; done');

/** What root has in podman, which may be something. */
const ofRoot = () => lab.sh('podman image ls -q; podman ps -q');

describeHost('an image that is pulled, one that is built, and a pod of Kubernetes without root', () => {
  const context = mkdtempSync(join(tmpdir(), 'bulkhead-context-'));
  const made: Deployment[] = [];
  let before: string;
  let ofRootBefore: string;

  /** With a build that copies a file and runs a program. */
  function deployment(text: string, restartPolicy: string): Deployment {
    writeFileSync(join(context, 'page'), `${text}\n`);
    writeFileSync(
      join(context, 'Containerfile'),
      'FROM localhost/busybox:latest\nCOPY page /page\nRUN ["/bin/busybox", "cp", "/page", "/www/index.html"]\n',
    );
    const next = new Deployment('ri-stack', (host) => build(host, restartPolicy));
    made.push(next);
    return next;
  }

  function build(host: Host, restartPolicy: string): void {
    const rootless = new User(host, 'ri-user');
    const archive = new ConfigFile(host, 'ri-archive', { path: '/srv/ri.tar', source: images().ociArchive });
    const base = new PodmanImage(host, 'ri-base', {
      rootless,
      image: `oci-archive:${archive.path}`,
      tag: 'localhost/busybox:latest',
      removalPolicy: 'destroy',
      dependsOn: [archive],
    });
    const built = new PodmanBuild(host, 'ri-built', { rootless, context, dependsOn: [base] });
    // The practice host may be one with control groups v1, where users have none of their own.
    const directives = { Container: { CgroupsMode: 'disabled' } } as const;
    const props = { rootless, stopTimeout: '1s', directives } as const;
    new PodmanService(host, 'ri-pulled', { ...props, image: base, ports: ['127.0.0.1:8261:80'] });
    new PodmanService(host, 'ri-site', { ...props, image: built, ports: ['127.0.0.1:8262:80'] });
    const containers = [{ name: 'web', image: base.reference, imagePullPolicy: 'Never' }];
    const spec = { restartPolicy, terminationGracePeriodSeconds: 1, containers };
    new PodmanKube(host, 'ri-pod', {
      rootless,
      yaml: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ri-pod' }, spec },
      ports: ['127.0.0.1:8263:80'],
      dependsOn: [base],
    });
  }

  beforeAll(async () => {
    before = await inventory();
    ofRootBefore = await ofRoot();
    await deployment('one', 'Always').apply();
  });
  afterAll(() => {
    for (const each of made) each.cleanUp();
    rmSync(context, { recursive: true });
  });

  test('run in the podman of their user, and a second plan is empty', async () => {
    expect(await pages()).toBe('<h1>It works</h1>\none\n<h1>It works</h1>\n');
    expect(await made[0]?.differences()).toEqual([]);
    expect(await asUser('podman image ls --format "{{.Repository}}"')).toMatch(/^localhost\/ri-built$/m);
    expect(await ofRoot()).toBe(ofRootBefore);
  });

  test('restart alone what changes, and an image that was built before is kept to go back to', async () => {
    const [pulled, site, pod] = await runs();
    const next = deployment('two', 'OnFailure');
    await next.apply();
    expect(await next.differences()).toEqual([]);
    expect(await pages()).toBe('<h1>It works</h1>\ntwo\n<h1>It works</h1>\n');
    const after = await runs();
    expect(after).toEqual([pulled, expect.not.stringMatching(String(site)), expect.not.stringMatching(String(pod))]);
    expect((await asUser('podman image ls --format "{{.Repository}}"')).match(/ri-built/g)).toHaveLength(2);
  });

  test('are repaired after changes behind their back', async () => {
    const current = made.at(-1);
    const [image] = Object.keys(Object.assign({}, ...(current?.manifests ?? []).map(({ objects }) => objects))).filter(
      (key) => key.startsWith('podman-image:localhost/ri-built'),
    );
    await asUser(
      'systemctl --user stop ri-site ri-pod; podman image rm "$1"',
      String(image).slice('podman-image:'.length),
    );
    expect(await current?.differences()).toEqual(
      expect.arrayContaining([
        `restart ri-built-build.service: ${image} is missing`,
        expect.stringMatching(/^start ri-site.service: (is inactive|has failed)/),
        expect.stringMatching(/^start ri-pod.service: (is inactive|has failed)/),
      ]),
    );
    await current?.apply();
    expect(await current?.differences()).toEqual([]);
    expect(await pages()).toBe('<h1>It works</h1>\ntwo\n<h1>It works</h1>\n');
  });

  test('are up after a restart of the host, with nothing to do', async () => {
    await practiceHost.restart();
    expect(await pages()).toBe('<h1>It works</h1>\ntwo\n<h1>It works</h1>\n');
    expect(await made.at(-1)?.differences()).toEqual([]);
  });

  test('are destroyed with their user, and leave the host as it was', async () => {
    await made.at(-1)?.destroy();
    expect(await inventory()).toBe(before);
  });
});
