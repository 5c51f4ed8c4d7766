import type { PortRange, Protocol } from './model';

/** `tcp 5432`, `udp 8000-8010`. */
export function showPorts(ports: PortRange): string {
  return `${ports.protocol} ${rangeText(ports)}`;
}

/** `tcp . 5432` or `udp . 8000-8010`, in the form of nft(8). */
export function portsElement(ports: PortRange): string {
  return `${ports.protocol} . ${rangeText(ports)}`;
}

export function onePort(protocol: Protocol, port: string): PortRange {
  return { protocol, first: port, last: port };
}

/**
 * The same ports in ranges without overlaps, which nft(8) would refuse. A token overlaps only itself, as far as is
 * known.
 */
export function mergePorts(ports: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  const inOrder = [...ports].sort((a, b) => a.protocol.localeCompare(b.protocol) || Number(a.first) - Number(b.first));
  for (const range of inOrder) {
    const last = merged.at(-1);
    const isSame = merged.some((other) => showPorts(other) === showPorts(range));
    if (last && last.protocol === range.protocol && Number(range.first) <= Number(last.last)) {
      if (Number(range.last) > Number(last.last)) merged[merged.length - 1] = { ...last, last: range.last };
    } else if (!isSame) merged.push(range);
  }
  return merged;
}

function rangeText({ first, last }: PortRange): string {
  return first === last ? first : `${first}-${last}`;
}
