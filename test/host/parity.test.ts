import { rmSync } from 'node:fs';
import { bulkhead } from '../cli/command';
import { inventory, lab } from './host';
import { describeTerraformOnHost, Stack } from './stack';
import { three } from './three';

/**
 * All that lies and runs on the host: every file with its type, mode, owner and digest, units, containers, images,
 * machines, addresses. Left out is what changes by itself: logs, caches, and the random names in podman's store.
 */
async function everything(): Promise<string> {
  const files = await lab.sh(`
    skipped='-path /var/log -o -path /var/cache -o -path /var/tmp -o -path /var/lib/systemd -o -path /var/lib/containers'
    set -- / /var /home /srv /run/systemd/system
    set -f
    find /run/systemd/generator | sort # Quadlet puts the options of podman in a random order.
    find "$@" -xdev \\( $skipped \\) -prune -o -printf '%y %m %U:%G %p %l\\n' | sort -k 4
    find "$@" -xdev \\( $skipped \\) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum --`);
  const state = await lab.sh(`
    systemctl show -P Id 't-*' | sort | xargs systemctl show --all -p Id -p LoadState -p ActiveState -p SubState \\
      -p Result -p UnitFileState -p FragmentPath -p SourcePath -p DropInPaths -p NeedDaemonReload --
    podman ps -a --format '{{.Names}} {{.Image}} {{.ImageID}} {{.Ports}} {{.State}} {{.Networks}}'
    podman image ls --no-trunc --format '{{.ID}} {{.Names}}'
    ip -br -4 address | sort; ip route | sort; ip -n bh-t-db -br -4 address || true`);
  return [await inventory(), files, state].join('\n').replaceAll(RANDOM, '(random)');
}

/** IDs of containers, their network namespaces, and numbers of interfaces. */
const RANDOM = /^[0-9a-f]{64}$|^netns-[-0-9a-f]{36}$|@if\d+ */gm;

/** Things that others made, which look like ours. */
const FOREIGN = `
  printf '[Service]\\nExecStart=/usr/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/t-api2.service
  cp /etc/systemd/system/t-api2.service /etc/systemd/system/t-db-8182-old.service
  systemctl daemon-reload; systemctl enable --quiet --now t-api2 t-db-8182-old
  mkdir -p /var/lib/machines/t-db2/etc /var/lib/machines/.t-db2.bulkhead-new /etc/t-page /etc/systemd/nspawn
  touch /var/lib/machines/t-db2/etc/hostname /var/lib/machines/.#t-db2.lck /etc/t-page/foreign.html
  printf '[Exec]\\nBoot=no\\n' > /etc/systemd/nspawn/t-db2.nspawn
  ip netns add bh-t-db2; ip link add bh-t-db2 type veth peer name eth0 netns bh-t-db2
  tar -c -C /var/lib/machines/t-db2 . | podman import --quiet - localhost/t-web:other
  podman network create t-web; podman volume create t-web
  podman create --name t-web2 --label PODMAN_SYSTEMD_UNIT=t-web2.service localhost/t-web:other /bin/true
  useradd --system t-web`;
const REMOVE_FOREIGN = `
  userdel t-web
  podman rm t-web2; podman volume rm t-web; podman network rm t-web; podman rmi localhost/t-web:other
  ip netns delete bh-t-db2
  rm -r /etc/systemd/nspawn/t-db2.nspawn /etc/t-page /var/lib/machines/t-db2 /var/lib/machines/.t-db2.bulkhead-new /var/lib/machines/.#t-db2.lck
  systemctl disable --quiet --now t-api2 t-db-8182-old
  rm /etc/systemd/system/t-api2.service /etc/systemd/system/t-db-8182-old.service; systemctl daemon-reload`;

describeTerraformOnHost('terraform apply and bulkhead apply', () => {
  const build = three();
  let stack: Stack;
  let before: string;

  const helper = (command: string, ...args: readonly string[]) =>
    bulkhead([command, ...args, '--bundle', stack.bundle]);
  const ways = {
    terraform: { apply: () => stack.apply(build), destroy: () => stack.destroy() },
    bulkhead: {
      apply: () => succeed(helper('apply', '--auto-approve')),
      destroy: () => succeed(helper('destroy', '--auto-approve')),
    },
  };
  async function succeed(finished: ReturnType<typeof bulkhead>): Promise<string> {
    const { code, stdout, stderr } = await finished;
    if (code !== 0) throw new Error(stdout + stderr);
    return stdout;
  }

  beforeAll(async () => {
    await lab.sh(FOREIGN);
    before = await everything();
    stack = new Stack('t-parity');
    stack.synth(build);
  });
  afterAll(async () => {
    await stack.destroy();
    await ways.bulkhead.destroy();
    stack.cleanUp();
    await lab.sh(REMOVE_FOREIGN);
  });

  test('leave the host byte-identical, and destroy leaves it as it was, what others made included', async () => {
    await ways.terraform.apply();
    const byTerraform = await everything();
    await ways.terraform.destroy();
    expect(await everything()).toBe(before);

    await ways.bulkhead.apply();
    const byHelper = await everything();
    await ways.bulkhead.destroy();
    expect(await everything()).toBe(before);

    expect(byTerraform).not.toBe(before);
    expect(byHelper).toBe(byTerraform);
  });

  test('find nothing to do after each other', async () => {
    await ways.terraform.apply();
    expect((await helper('plan', '--detailed-exitcode')).code).toBe(0);

    stack.synth(three({ color: 'green' }));
    await lab.sh('systemctl stop t-api; chmod 600 /etc/systemd/nspawn/t-db.nspawn');
    expect((await helper('plan', '--detailed-exitcode')).code).toBe(2);
    expect(await stack.plan()).toContain('3 to change');
    await ways.bulkhead.apply();
    expect(await stack.plan()).toBe('');
  });

  test('take over what the other one made', async () => {
    stack.synth(build);
    await ways.bulkhead.apply();
    const made = await everything();
    rmSync(stack.terraform.path('terraform.tfstate'), { force: true });
    expect(await ways.terraform.apply()).toContain('Resources: 5 added, 0 changed, 0 destroyed.');
    expect(await everything()).toBe(made);
  });
});
