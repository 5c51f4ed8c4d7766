import { posix } from 'node:path';
import { ConfigFile, type Host, PodmanVolume, SystemdService, User } from 'bulkhead';
import { type ApplyResult, apply, type ServicePlan } from '../../lib/engine';
import { describeHost, host, lab } from './host';
import { PERFORM, type Trick, tricks } from './mischief';
import { Deployment } from './synth';

jest.setTimeout(600_000);

const SEED = 7;
const HOME = '/home/hu-shop';
const QUADLETS = `${HOME}/.config/containers/systemd`;
const CONF = `${HOME}/app/conf.d`;

/** Who has nothing to do with the hostile user. */
const OTHERS = ['hu-unit', 'hu-file', 'hu-other', 'hu-other-data'];

/** All that is not theirs, with the times of its last change. */
const SNAPSHOT = `
find /etc /srv /opt /root /boot /usr/local /home/hu-other /var/lib/machines -xdev \\
  -printf '%p %i %M %u %g %s %C@ %l\\n' 2>/dev/null | grep -v '^/home/hu-other/.local/share/containers' | sort`;

describeHost('a user who is hostile in all that is theirs', () => {
  let deployment: Deployment;
  let runtime: string;
  let places: readonly string[];
  const asUser = (program: readonly string[], input = '') =>
    lab.run(['setpriv', '--reuid=hu-shop', '--regid=hu-shop', '--init-groups', '--reset-env', ...program], input);
  const asUserIn = (script: string) => asUser(['sh', '-c', `cd; export XDG_RUNTIME_DIR=/run/user/$(id -u); ${script}`]);
  const perform = async (some: readonly Trick[]) => {
    const words = some.flatMap(({ what, path, argument }) => [what, path, argument]);
    const { stdout, stderr } = await asUser(['perl', '-e', PERFORM], words.map((word) => `${word}\0`).join(''));
    if (!/^\d+\n$/.test(String(stdout))) throw new Error(stderr);
    return Number(String(stdout));
  };
  const applied = (): Promise<ApplyResult> =>
    apply(host(), { manifests: deployment.manifests, remove: [] }, { asset: deployment.asset });
  const isTheirs = (key: string) =>
    [HOME, runtime].some((own) => posix.normalize(key).startsWith(`${own}/`)) ||
    /^[^/]*hu-(?:data|shop)[^/]*$/.test(key);

  /** That nothing is to be done for others, and nothing to what is not the user's own. */
  function expectNothingForOthers(plans: readonly ServicePlan[]): void {
    const found = plans.flatMap(({ name, obstacles }) => obstacles.map(({ problem }) => ({ name, problem })));
    const steps = plans.flatMap((plan) => plan.steps.map(({ verb, key }) => ({ name: plan.name, verb, key })));
    expect([...found, ...steps].filter(({ name }) => OTHERS.includes(name))).toEqual([]);
    expect(steps.filter(({ key }) => !isTheirs(key))).toEqual([]);
  }

  function expectNoErrorForOthers(result: ApplyResult): void {
    expect([...result].filter(([name, error]) => OTHERS.includes(name) && error)).toEqual([]);
  }

  beforeAll(async () => {
    deployment = new Deployment('hostile-user-test', (onHost: Host) => {
      const [shop, other] = ['hu-shop', 'hu-other'].map((name) => new User(onHost, name)) as [User, User];
      new PodmanVolume(onHost, 'hu-data', { rootless: shop, removalPolicy: 'destroy' });
      new PodmanVolume(onHost, 'hu-other-data', { rootless: other, removalPolicy: 'destroy' });
      new SystemdService(onHost, 'hu-unit', { command: ['/usr/bin/sleep', 'infinity'] });
      new ConfigFile(onHost, 'hu-file', { path: '/etc/hu-file.conf', content: 'x\n' });
      const owner = { owner: 'hu-shop', group: 'hu-shop', dependsOn: [shop] };
      new ConfigFile(onHost, 'hu-data-conf', { path: `${CONF}/settings.conf`, content: 'x\n', ...owner });
    });
    await deployment.apply();
    await lab.sh('mkdir /srv/hu-precious; echo precious > /srv/hu-precious/file');
    runtime = `/run/user/${(await lab.sh('id -u hu-shop')).trim()}`;
    places = [
      HOME,
      QUADLETS,
      `${QUADLETS}/hu-data.volume.d`,
      `${QUADLETS}/hu-other-data.volume.d`,
      `${HOME}/.config/systemd/user`,
      `${HOME}/.config/systemd/user.control`,
      `${HOME}/.config/systemd/user/hu-unit.service.d`,
      `${HOME}/.config/containers`,
      `${HOME}/.cache`,
      CONF,
      '/tmp',
      '/var/tmp',
      '/dev/shm',
      runtime,
      `${runtime}/systemd/user.control`,
    ];
    await asUser(['mkdir', '-p', ...places]);
  });

  /** Ends all that the user runs, removes what they have made, and starts their systemd anew, as root may. */
  const cleanUpAfterUser = () =>
    lab.sh(`
      uid=$(id -u hu-shop)
      systemctl kill --signal=KILL "user@$uid.service"
      for process in /proc/[0-9]*; do
        [ "$(stat -c %u "$process" 2>/dev/null)" != "$uid" ] || kill -KILL "\${process#/proc/}" 2>/dev/null || true
      done
      find /tmp /var/tmp /dev/shm ${HOME} -xdev -mindepth 1 -user hu-shop ! -path '${HOME}/.local*' -delete || true
      systemctl restart "user@$uid.service"`);

  afterAll(async () => {
    await cleanUpAfterUser();
    await asUserIn('podman volume rm --all --force');
    await lab.sh('rm -r /srv/hu-precious');
    await deployment.destroy();
    deployment.cleanUp();
  });

  test('changes nothing in the plans of others, whatever there is of names, links, files, locks and processes', async () => {
    const before = await lab.sh(SNAPSHOT);
    let done = 0;
    for (let batch = 0; batch < 4; batch++) {
      done += await perform(tricks(places, 250, SEED + batch));
      expectNothingForOthers(await deployment.plan());
    }
    // Some are in each other's way.
    expect(done).toBeGreaterThan(500);
    expect(await lab.sh(SNAPSHOT)).toBe(before);
  });

  test('is named when in the way, while all that is of others is applied and nothing else is touched', async () => {
    const before = await lab.sh(SNAPSHOT);
    expectNoErrorForOthers(await applied());
    await asUserIn('kill -STOP "$(systemctl show -P MainPID "user@$(id -u).service")"');
    const result = await applied();
    expectNoErrorForOthers(result);
    const late = /the programs of hu-shop did not answer.* \(at .*\/hu-data\).*do: .*pkill -KILL -u hu-shop/s;
    expect(result.get('hu-data')?.message).toMatch(late);
    expect(await lab.sh(SNAPSHOT)).toBe(before);
    await cleanUpAfterUser();
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });

  test('changes nothing in them by units and objects of the same names', async () => {
    const before = await lab.sh(SNAPSHOT);
    const { stdout } = await asUserIn(`
      mkdir -p .config/systemd/user
      for unit in hu-unit hu-other-data-volume hu-box; do
        printf '[Service]\\nExecStart=/bin/false\\n' > ".config/systemd/user/$unit.service"
      done
      timeout 20 systemctl --user daemon-reload
      timeout 20 systemctl --user start hu-unit hu-other-data-volume
      timeout 20 systemctl --user mask hu-box.service
      for name in hu-other-data systemd-hu-other-data; do
        timeout 20 podman volume create --label "x=$(printf 'y\\n== units')" "$name"
        timeout 20 podman network create "$name"
      done >&2
      systemctl --user show -P LoadState hu-unit
      podman volume exists hu-other-data && podman network exists hu-other-data && echo made`);
    expect(String(stdout)).toBe('loaded\nmade\n');
    expectNothingForOthers(await deployment.plan());
    expect(await lab.sh(SNAPSHOT)).toBe(before);
  });

  test('leads nobody elsewhere by directories and links that are exchanged all the time', async () => {
    const before = await lab.sh(SNAPSHOT);
    await asUserIn(`ln -s /srv/hu-precious ${HOME}/app/link; ln -s /srv/hu-precious ${HOME}/.config/containers/link`);
    await lab.sh(
      `systemd-run --quiet --unit=hu-race --uid=hu-shop perl -e '
        while (1) {
          for my $pair (["$ARGV[0]/app", "conf.d"], ["$ARGV[0]/.config/containers", "systemd"]) {
            my ($in, $name) = @$pair;
            rename "$in/$name", "$in/was"; rename "$in/link", "$in/$name";
            rename "$in/$name", "$in/link"; rename "$in/was", "$in/$name";
          }
        }' "$1"`,
      HOME,
    );
    try {
      for (let round = 0; round < 5; round++) {
        expectNoErrorForOthers(await applied());
        expect(await lab.sh(SNAPSHOT)).toBe(before);
      }
      expect(await lab.sh('systemctl is-active hu-race')).toBe('active\n');
    } finally {
      await lab.sh('systemctl stop hu-race; systemctl reset-failed hu-race 2>/dev/null || true');
    }
  });
});
