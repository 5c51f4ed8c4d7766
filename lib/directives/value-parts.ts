import { isIP } from 'node:net';

/** Whether values made of several parts are well-formed, for the kinds of the catalog that have such. */

const isPort = (text: string | undefined): boolean =>
  /^\d{1,5}$/.test(text ?? '') && Number(text) > 0 && Number(text) < 65536;

const FIELD = '(?:[^",\\r\\n]*|"(?:[^"\\r\\n]|"")*")';
const FIELDS = new RegExp(`^${FIELD}(?:,${FIELD})*$`);
const WITHOUT_SOURCE: ReadonlySet<string | undefined> = new Set(['tmpfs', 'ramfs', 'devpts']);

/** Fields as in a CSV file. Without a source, the generator of podman 5.4 fails for all files of the host. */
export function isMount(text: string): boolean {
  if (!FIELDS.test(text)) return false;
  const fields = text.match(new RegExp(FIELD, 'g'))?.map((field) => field.replace(/^"|"$/g, '')) ?? [];
  const fieldOf = (name: string) => fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
  const type = fieldOf('type');
  return Boolean(type && (WITHOUT_SOURCE.has(type) || fieldOf('source') || fieldOf('src')));
}

const DAY =
  '(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';
const SHORTHAND =
  '(?:minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|annually|anually|yearly)';
const NUMBERS = '(?:\\*|[\\d,./]+)+';
const DATE = `(?:${NUMBERS}[-~]){1,2}${NUMBERS}`;
const TIME = `${NUMBERS}(?::${NUMBERS}){1,2}`;
const ZONE = '(?:UTC|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)';
const DAYS = `${DAY}(?:(?:\\.\\.|-|,)${DAY})*`;
const CALENDAR = new RegExp(
  `^(?:@\\d+|(?:${SHORTHAND}|${DAYS},?|(?:${DAYS},? +)?(?:${DATE}|(?:${DATE}[ T]+)?${TIME}))(?: +${ZONE})?)$`,
  'i',
);

/** @see systemd.time(7) */
export function isCalendar(text: string): boolean {
  return CALENDAR.test(text.trim());
}

/** A port alone or behind an address, or anything else that is no number: a path, a name. */
export function isSocketAddress(text: string): boolean {
  if (/^[/@]/.test(text)) return true;
  const [, port] = /^(?:.*:)?(\d+)$/s.exec(text) ?? [];
  return /^vsock/.test(text) || port === undefined || isPort(port);
}

/** `[tcp:|udp:]hostPort[:containerPort]` */
export function isExposedPort(text: string): boolean {
  const [, ports = ''] = /^(?:(?:tcp|udp):)?(.*)$/s.exec(text) ?? [];
  const parts = ports.split(':');
  return parts.length <= 2 && parts.every(isPort);
}

/** `name[;name...]:address` */
export function isHostMapping(text: string): boolean {
  const colon = text.indexOf(':');
  const address = text.slice(colon + 1).replace(/^\[(.*)\]$/, '$1');
  return colon > 0 && (address === 'host-gateway' || isIP(address) !== 0);
}
