import type { RunResult, Transport } from '../../lib/transport';

/** Runs a shell script that must succeed, and returns what it prints. */
export async function shell(
  transport: { run(argv: readonly string[]): Promise<RunResult> },
  script: string,
  ...args: readonly string[]
): Promise<string> {
  const { exitCode, stdout, stderr } = await transport.run(['sh', '-euc', script, 'sh', ...args]);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode} of: ${script}\n${stderr}`);
  return stdout.toString();
}

/**
 * All that Bulkhead could leave behind, one line each: files, units, machines, images, containers, snapshots, networks,
 * interfaces, namespaces, mounts and users. Without the copies that useradd(8) and others make of what they change,
 * without what docker always has or has while it does not run, and without units that are only loaded.
 */
export function inventoryOf(transport: Transport): Promise<string> {
  return shell(
    transport,
    `
    machinectl list --no-legend | awk '{print $1, $2, $3}' # it starts machine.slice, which then stays
    find /etc /var/lib/bulkhead /var/lib/bulkhead-vm /var/lib/bulkhead-secrets /var/lib/lxc /var/lib/machines /usr/lib/systemd /srv /opt -xdev -printf '%M %u %g %p\\n' 2>/dev/null | grep -v ' /etc/\\(machine-id\\|resolv\\|mtab\\|adjtime\\|containers/networks$\\|.*lock\\|\\(passwd\\|group\\|g\\?shadow\\|sub[gu]id\\)-$\\)' | sort
    systemctl list-units --all --plain --no-legend --type=service,socket,timer,path,mount |
      awk '$3 != "inactive" {print $1, $3}' | grep -v '^\\(session-\\|user\\|run-\\|modprobe@\\|systemd-\\|var-lib-\\(containers\\|docker\\|incus\\|lxd\\)\\|ldconfig\\|netavark-dhcp-proxy.service\\|containerd.service\\|incus[.]\\|lxd[.]\\|lxc\\(fs\\|-net\\)\\?.service\\|openvswitch-switch.service\\)' | sort
    find /usr/local/lib/systemd /run/systemd/system /run/systemd/system.* /run/systemd/transient /run/systemd/generator* ! -type d -printf '%p %l\\n' 2>/dev/null |
      grep -v '/\\(session-\\|user\\|run-\\)' | sort # systemctl list-unit-files takes half a second
    podman ps -a -q --no-trunc; podman network ls -q; podman volume ls -q
    podman image ls --no-trunc --format '{{.ID}} {{.Repository}}' | sed '/podman-pause$/d' # podman's own, for pods
    for what in images containers snapshots leases; do
      ! systemctl is-active -q containerd || ctr -n bulkhead "$what" ls | sed '1d; /gc.expire=/d' # ends by itself
    done
    ! systemctl is-active --quiet docker || {
      docker ps -a -q --no-trunc; docker network ls --format '{{.Name}}' | sed '/^\\(bridge\\|host\\|none\\)$/d' | sort; docker volume ls -q
      docker image ls --no-trunc --format '{{.ID}} {{.Repository}}'
    }
    ls -d /sys/fs/cgroup/*/lxc.* 2>/dev/null | grep -v '/lxc[.]pivot$' || : # stays once LXC has run
    for engine in incus:incus lxd:lxc; do
      ! systemctl is-active --quiet "\${engine%:*}" || for what in list 'image list' 'storage list'; do
        \${engine#*:} $what -f csv | cut -d , -f 1,2 | sort
      done
    done
    ip -br link | awk -F '[ @]' '{print $1}' | sort; ip netns | awk '{print $1}' | sort; getent passwd
  `,
  );
}
