import { checkDirectives } from '../../lib/directives';
import { type NetworkFormat, type Probe, probesOf } from '../directives/support/network-values';
import { describeHost, lab } from './host';
import { pack } from './host-manager';

/** A kind of interface that has the section, or the key. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ VLAN: 'vlan', MACVLAN: 'macvlan', MACVTAP: 'macvtap', IPVLAN: 'ipvlan', IPVTAP: 'ipvtap', Tunnel: 'gre' },
  ...{
    'Tunnel.Mode': 'ip6tnl',
    FooOverUDP: 'fou',
    L2TP: 'l2tp',
    L2TPSession: 'l2tp',
    VXLAN: 'vxlan',
    GENEVE: 'geneve',
  },
  ...{ BareUDP: 'bareudp', Tun: 'tun', Tap: 'tap', Bond: 'bond', VRF: 'vrf', Peer: 'veth', VXCAN: 'vxcan' },
  ...{ WireGuard: 'wireguard', WireGuardPeer: 'wireguard', BatmanAdvanced: 'batadv', IPoIB: 'ipoib', WLAN: 'wlan' },
  ...{ Xfrm: 'xfrm', MACsec: 'macsec', MACsecReceiveChannel: 'macsec', MACsecTransmitAssociation: 'macsec' },
  ...{ MACsecReceiveAssociation: 'macsec' },
};

/** What a file must have so that its sections are read. Nothing matches those of networks and links. */
function headOf({ format, section, key }: Probe, index: number): string[] {
  if (section === 'Match') return [];
  if (format !== 'netdev') return ['[Match]', `${format === 'link' ? 'OriginalName' : 'Name'}=nothing`];
  const kind = KINDS[`${section}.${key}`] ?? KINDS[section] ?? 'bridge';
  return section === 'NetDev' ? [] : ['[NetDev]', `Name=v${index}`, `Kind=${kind}`];
}

/** Values of these can end the reading of the file, or are about what stood there before. */
const ALONE = ({ key, entry }: Probe) => /^dhcp6?-(?:vendor-)?option$|^idn-/.test(entry.kind) || key === 'Kind';

/** Where a probe stands: the name of a file, and the line. */
type Place = `${number}.${NetworkFormat}:${number}`;

/** The probes of one key in one file, one line each, and at the end a key that must be complained about. */
class ProbeFile {
  private readonly lines: string[];
  readonly name: `${number}.${NetworkFormat}`;

  constructor(
    first: Probe,
    index: number,
    readonly places = new Map<Place, Probe>(),
  ) {
    this.name = `${index}.${first.format}`;
    this.lines = [...headOf(first, index), `[${first.section}]`];
  }

  add(probe: Probe): void {
    if (probe.multiple) this.lines.push(`[${probe.section}]`);
    else if (probe.entry.reset) this.lines.push(`${probe.key}=`);
    this.places.set(`${this.name}:${this.lines.push(`${probe.key}=${probe.text}`)}`, probe);
  }

  get end(): Place {
    return `${this.name}:${this.lines.length + 1}`;
  }

  get text(): string {
    return `${this.lines.join('\n')}\nSentinel=1\n`;
  }
}

function filesOf(probes: readonly Probe[]): ProbeFile[] {
  const files: ProbeFile[] = [];
  let last: Probe | undefined;
  for (const probe of probes) {
    if (last?.entry !== probe.entry || ALONE(probe)) files.push(new ProbeFile(probe, files.length));
    files.at(-1)?.add(probe);
    last = probe;
  }
  return files;
}

/** A networkd in a network of its own, and udev's reader of .link files; what they say of the lines of files. */
const READ = `folder="$1"
  trap 'rm -rf "$folder"' EXIT
  mkdir -p "$folder/etc"
  tar -x -C "$folder/etc"
  chmod -R go+rX "$folder"
  unit="network-values-$2"
  systemd-run -q --collect --unit="$unit" --service-type=notify -p TimeoutStartSec=5min -p PrivateNetwork=yes \\
    -p TemporaryFileSystem='/run/dbus /run/systemd/netif:mode=777' -p InaccessiblePaths=/usr/lib/systemd/network \\
    -p BindReadOnlyPaths="$folder/etc":/etc/systemd/network -p StandardError=file:"$folder/said" \\
    -E SYSTEMD_LOG_TARGET=console -E SYSTEMD_LOG_LEVEL=info /usr/lib/systemd/systemd-networkd
  systemctl stop "$unit"
  unshare -m sh -euc 'mount --bind "$1" /etc/systemd/network
    udevadm test-builtin net_setup_link /sys/class/net/lo' sh "$folder/etc" >>"$folder/said" 2>&1
  sed -n 's|^/etc/systemd/network/\\([^:]*:[0-9]*\\): |\\1 |p' "$folder/said" | cut -c 1-300`;

async function complaints(files: readonly ProbeFile[]): Promise<ReadonlyMap<string, string>> {
  const input = pack(Object.fromEntries(files.map(({ name, text }) => [name, text])));
  const argv = ['sh', '-euc', READ, 'sh', `/run/network-values-${process.pid}`, String(process.pid)];
  const { exitCode, stdout, stderr } = await lab.run(argv, input);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return new Map(
    stdout
      .toString()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
}

/** Taken, but with a remark. */
const REMARK = /without prefix length|not properly masked|deprecated|historical reasons/;
/** What the types keep out: booleans are true and false. */
const isOtherSpelling = ({ entry, value, text }: Probe) => {
  const boolean = entry.boolean || entry.kind === 'boolean';
  if (typeof value === 'boolean') return !boolean;
  return (
    (boolean || entry.enum?.includes('no') || entry.literals?.includes('no')) && /^(?:[01]|no|off|yes)$/.test(text)
  );
};
/** What only the host knows: its names of users, time zones and route tables, and its credentials. */
const isNameOfHost = ({ entry, text }: Probe) =>
  (['route-table', 'timezone', 'uid-range'].includes(entry.kind) && !/^-?\d+$/.test(text)) ||
  (['wireguard-key', 'endpoint'].includes(entry.kind) && text.startsWith('@'));
/** Slips of the readers: a number that a colon ends, the greatest of 32 bits plus one, zero as a word. */
const isSlip = ({ entry, text }: Probe) =>
  (entry.kind === 'duid-type' && text.includes(':')) ||
  (entry.kind === 'cpu-list' && /^(?:4294967295|0xffffffff)$/.test(text)) ||
  (text === '00' && (entry.literals?.includes('0') || entry.enum?.includes('0') || entry.max === 0) === true);
/** No number of ours can tell it from the greatest that is taken. */
const isTooNear = ({ entry, text }: Probe) =>
  (entry.kind === 'size' && text === '16E') || text === '18446744073709551615';

describeHost('systemd-networkd and systemd-udevd', () => {
  test('take the values that are accepted, and refuse those that are refused', async () => {
    const systemd = Number(/\d+/.exec(await lab.sh('systemctl --version'))?.[0]);
    const formats: readonly NetworkFormat[] = ['network', 'netdev', 'link'];
    const files = filesOf(formats.flatMap((format) => probesOf(format, systemd)));
    const said = await complaints(files);
    const cutShort = files.filter((file) => file.places.size > 1 && !said.has(file.end));
    expect(cutShort.map(({ text }) => text)).toEqual([]);

    const wrong = { accepted: [] as string[], refused: [] as string[] };
    const agreed = { accepted: 0, refused: 0 };
    for (const [place, probe] of files.flatMap(({ places }) => [...places])) {
      if (isOtherSpelling(probe) || isSlip(probe)) continue;
      const { format, section, key, value, text } = probe;
      const complaint = said.get(place);
      const found = checkDirectives(format, { [section]: { [key]: value } }, { systemd });
      const problems = found.filter((problem) => problem.key === key);
      const outcome = problems.length > 0 ? 'refused' : 'accepted';
      if (complaint !== undefined && REMARK.test(complaint)) continue;
      if ((outcome === 'refused') === (complaint !== undefined)) agreed[outcome]++;
      else if (!isTooNear(probe) && (outcome === 'refused' || !isNameOfHost(probe)))
        wrong[outcome].push(`[${section}] ${key}=${text}: ${complaint ?? problems[0]?.message}`);
    }
    expect(wrong).toEqual({ accepted: [], refused: [] });
    expect(agreed.accepted).toBeGreaterThan(50_000);
    expect(agreed.refused).toBeGreaterThan(300_000);
  });
});
