import { type Host, Image, NspawnMachine, PodmanService, type ServiceProps, SystemdService } from 'bulkhead';
import { cutOffAt } from './cut-off';
import { describeHost, lab } from './host';
import { Deployment, images } from './synth';

const UNITS = ['k-unit', 'k-box', 'k-machine'];

/** What tells each run of a unit from the ones before. */
const runs = async (): Promise<string[]> =>
  (await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...UNITS)).trim().split('\n');

describeHost('an apply that is killed', () => {
  const made: Deployment[] = [];
  const deployment = (build: (host: Host) => void) => {
    const next = new Deployment('k-stack', build);
    made.push(next);
    return next;
  };
  /** One service of each runtime. */
  const three = (props: Partial<ServiceProps>) =>
    deployment((host) => {
      const image = Image.ociArchive(images().ociArchive);
      new SystemdService(host, 'k-unit', { command: ['/usr/bin/sleep', 'infinity'], ...props });
      new PodmanService(host, 'k-box', { image, stopTimeout: '1s', ...props });
      new NspawnMachine(host, 'k-machine', { image, stopTimeout: '1s', ...props });
    });

  afterEach(async () => {
    await made.at(-1)?.destroy();
    for (const each of made.splice(0)) each.cleanUp();
  });

  test('before units were enabled leaves the old links, which the next one removes without a restart', async () => {
    const startedBy = (target: string) =>
      deployment((host) => {
        const directives = { Install: { WantedBy: target } };
        new SystemdService(host, 'k-unit', { command: ['/usr/bin/sleep', 'infinity'], directives });
      });
    await startedBy('rescue.target').apply();
    const [before] = await runs();
    const next = startedBy('multi-user.target');
    await cutOffAt('reenable', next.directory);
    expect(await next.differences()).toEqual([
      'enable k-unit.service: is not wanted by multi-user.target; is wanted by rescue.target, too',
    ]);
    await next.apply();
    expect(await next.differences()).toEqual([]);
    expect(await lab.sh('cd /etc/systemd/system; ls -d */k-unit.service')).toBe(
      'multi-user.target.wants/k-unit.service\n',
    );
    expect((await runs())[0]).toBe(before);
  });

  test('before systemd read the new files is finished by the next one, which runs what they say', async () => {
    await three({}).apply();
    const next = three({ environment: { COLOR: 'green' } });
    await cutOffAt('daemon-reload', next.directory);
    await next.apply();
    expect(await next.differences()).toEqual([]);
    expect(
      await lab.sh(`
        tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID k-unit)/environ | grep COLOR
        podman exec k-box env | grep COLOR
        tr '\\0' '\\n' < /proc/$(machinectl show -P Leader k-machine)/environ | grep COLOR`),
    ).toBe('COLOR=green\nCOLOR=green\nCOLOR=green\n');
  });

  test('while it repairs a file restarts what still runs with another', async () => {
    const same = three({});
    await same.apply();
    await lab.sh(`
      sed -i 's/sleep infinity/sleep 100000/' /etc/systemd/system/k-unit.service
      systemctl daemon-reload; systemctl restart k-unit`);
    await cutOffAt('daemon-reload', same.directory);
    await same.apply();
    expect(await same.differences()).toEqual([]);
    expect(await lab.sh('ps -o args= -p "$(systemctl show -P MainPID k-unit)"')).toBe('/usr/bin/sleep infinity\n');
  });

  test('before systemd read what is new is finished by the next one', async () => {
    const next = three({});
    await cutOffAt('daemon-reload', next.directory);
    await next.apply();
    expect(await next.differences()).toEqual([]);
    expect(await lab.sh('systemctl is-active "$@"', ...UNITS)).toBe('active\nactive\nactive\n');
  });

  test('while it takes over what is there is finished by the next one, and nothing is restarted', async () => {
    await three({}).apply();
    const before = [await runs(), await lab.sh('podman inspect -f "{{.Id}}" k-box')];
    // What somebody else made, with another description.
    await lab.sh(
      `for unit; do rm "/var/lib/bulkhead/services/$unit"; done
      sed -i 's/^Description=.*/Description=by hand/' /etc/systemd/system/k-unit.service \\
        /etc/systemd/system/k-machine.service /etc/containers/systemd/k-box.container
      systemctl daemon-reload`,
      ...UNITS,
    );
    const next = three({ adopt: true });
    await cutOffAt('daemon-reload', next.directory);
    expect(await lab.sh('ls /var/lib/bulkhead/services')).toBe('k-box\nk-machine\nk-stack-host\nk-unit\n');
    await next.apply();
    expect(await next.differences()).toEqual([]);
    expect(await lab.sh('systemctl show -P Description "$@"', ...UNITS)).not.toContain('by hand');
    expect([await runs(), await lab.sh('podman inspect -f "{{.Id}}" k-box')]).toEqual(before);
  });
});
