import type { ServiceStatus } from './status';
import { duration, table } from './terminal';

/** How to show services as a table. */
export interface TableOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether to show the stack of each. */
  readonly stacks?: boolean;
  /** How many characters a line may have. A wider table lacks the columns that are empty for all. @default - as wide as it gets */
  readonly width?: number | undefined;
}

export function renderStatus(services: readonly ServiceStatus[], { now, stacks, width }: TableOptions): string[] {
  const distance = (time: string | undefined) => (time ? duration(Math.abs(now - Date.parse(time))) : '-');
  const columns: readonly (readonly [title: string, cell: (service: ServiceStatus) => string])[] = [
    ...(stacks ? [['STACK', ({ stack }: ServiceStatus) => stack] as const] : []),
    ['NAME', ({ name }) => name],
    ['RUNTIME', ({ runtime }) => runtime],
    ['STATE', ({ state }) => state],
    ['SINCE', ({ since }) => distance(since)],
    ['RESTARTS', ({ restarts }) => String(restarts ?? '-')],
    ['MEMORY', ({ memory }) => (memory === undefined ? '-' : bytes(memory))],
    ['ADDRESS', ({ address = '-' }) => address],
    ['PORTS', ({ ports = ['-'] }) => ports.join(', ')],
    ['NEXT', ({ next }) => (next ? `in ${distance(next)}` : '-')],
    ['LAST', ({ last }) => distance(last)],
  ];
  const shown = (some: typeof columns) =>
    table([some.map(([title]) => title), ...services.map((service) => some.map(([, cell]) => cell(service)))]);
  const lines = shown(columns);
  if (width === undefined || Math.max(...lines.map(({ length }) => length)) <= width) return lines;
  return shown(columns.filter(([, cell]) => services.some((service) => cell(service) !== '-')));
}

/** As systemd writes sizes: 512K, 18M, 1.2G. */
export function bytes(number: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = number;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}
