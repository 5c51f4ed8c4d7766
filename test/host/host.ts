import { connect, type RunResult, type Transport } from '../../lib/transport';

/** Address of the practice host that these tests run on. `setup.ts` has started it. */
export const ADDRESS = (process.env.BULKHEAD_TEST_HOST ?? 'lab:test') as 'lab' | `lab:${string}`;

/** Why the tests of this folder can't run here, if so. */
export const skipReason = process.env.BULKHEAD_TEST_SKIP;

/** A group of tests that need the practice host. */
export const describeHost: (name: string, body: () => void) => void = skipReason
  ? (name, body) => describe.skip(`${name} (skipped: ${skipReason})`, body)
  : describe;

let transport: Transport | undefined;

/** The connection of this test file. */
export function host(): Transport {
  transport ??= connect({ address: ADDRESS });
  return transport;
}

afterAll(async () => {
  await transport?.close();
  transport = undefined;
});

/** The practice host, for tests to look at it and to change things behind Bulkhead's back. */
export const lab = {
  run: (argv: readonly string[], input?: string | Buffer): Promise<RunResult> =>
    host().run(argv, input === undefined ? {} : { input: Buffer.from(input) }),

  sh: (script: string, ...args: readonly string[]): Promise<string> => shell(host(), script, ...args),
};

/** Runs a shell script that must succeed, and returns what it prints. */
export async function shell(transport: Transport, script: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await transport.run(['sh', '-euc', script, 'sh', ...args]);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode} of: ${script}\n${stderr}`);
  return stdout.toString();
}

/**
 * All that Bulkhead could leave behind, one line each: files, units, machines, images, containers, networks,
 * interfaces, namespaces, mounts and users. Without the copies that useradd(8) and others make of what they change.
 */
export function inventory(transport: Transport = host()): Promise<string> {
  return shell(
    transport,
    `
    machinectl list --no-legend | awk '{print $1, $2, $3}' # it starts machine.slice, which then stays
    find /etc /var/lib/bulkhead /var/lib/machines /usr/lib/systemd /srv /opt -xdev -printf '%M %u %g %p\\n' 2>/dev/null | grep -v ' /etc/\\(machine-id\\|resolv\\|mtab\\|adjtime\\|containers/networks$\\|.*lock\\|\\(passwd\\|group\\|g\\?shadow\\|sub[gu]id\\)-$\\)' | sort
    systemctl list-units --all --plain --no-legend --type=service,socket,timer,path,mount |
      awk '{print $1, $3}' | grep -v '^\\(session-\\|user\\|run-\\|systemd-\\|var-lib-containers\\|ldconfig\\|netavark-dhcp-proxy.service\\)' | sort
    systemctl list-unit-files --plain --no-legend | awk '{print $1, $2}' | grep -v '^\\(session-\\|run-\\)' | sort
    podman ps -a -q --no-trunc; podman network ls -q; podman volume ls -q
    podman image ls --no-trunc --format '{{.ID}} {{.Repository}}' | sed '/podman-pause$/d' # podman's own, for pods
    ip -br link | awk -F '[ @]' '{print $1}' | sort; ip netns | awk '{print $1}' | sort; getent passwd
  `,
  );
}
