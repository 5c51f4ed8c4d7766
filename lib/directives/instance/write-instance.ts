import { closest } from '../closest';
import { DirectiveError } from '../error';
import { checkValue, type ValueProblem } from '../oci/check-value';
import { type Schema, text } from '../oci/schema';
import { writeJson } from '../oci/write-spec';
import type { TokenEscaper } from '../text';
import { INSTANCE_CONFIG, INSTANCE_PREFIXES, OF_ENGINE, OF_TYPE } from './config';
import { INSTANCE_DEVICES } from './devices';

/** The engine and the type of an instance. */
export interface InstanceTarget {
  readonly engine: 'incus' | 'lxd';
  readonly type: 'container' | 'virtual-machine';
}

type Values = Readonly<Record<string, unknown>>;

const PAGE = 'https://linuxcontainers.org/incus/docs/main/reference/instance_options/';
const DEVICES_PAGE = 'https://linuxcontainers.org/incus/docs/main/reference/devices/';

/** Writes config for the engine's API, as a JSON object of texts. @throws DirectiveError */
export function writeInstanceConfig(config: Values, target: InstanceTarget, tokens?: TokenEscaper): string {
  for (const [key, value] of Object.entries(config)) {
    const message = unfit(key, target) ?? checkValue(value, schemaOf(key) ?? text, '', tokens)[0]?.message;
    if (message !== undefined) throw new DirectiveError('config', key, value, message, PAGE);
  }
  return writeJson(texts(config), tokens);
}

/** Writes devices for the engine's API, as a JSON object of objects of texts. @throws DirectiveError */
export function writeInstanceDevices(devices: Values, tokens?: TokenEscaper): string {
  for (const [name, device] of Object.entries(devices)) {
    const [problem] = checkDevice(name, device, tokens);
    if (problem) throw new DirectiveError('devices', problem.at, undefined, problem.message, DEVICES_PAGE);
  }
  const written = Object.entries(devices).map(([name, device]) => [name, texts(device as Values)]);
  return writeJson(Object.fromEntries(written), tokens);
}

function schemaOf(key: string): Schema | undefined {
  if (Object.hasOwn(INSTANCE_CONFIG, key)) return INSTANCE_CONFIG[key as keyof typeof INSTANCE_CONFIG];
  return INSTANCE_PREFIXES.some((prefix) => key.startsWith(prefix) && key.length > prefix.length) ? text : undefined;
}

function unfit(key: string, { engine, type }: InstanceTarget): string | undefined {
  if (!schemaOf(key)) return `is unknown, ${closest(key, Object.keys(INSTANCE_CONFIG))}`;
  const other = engine === 'incus' ? 'lxd' : 'incus';
  if (OF_ENGINE[other].test(key)) return `is only for ${other === 'lxd' ? 'LXD' : 'Incus'}`;
  const otherType = type === 'container' ? 'virtual-machine' : 'container';
  return OF_TYPE[otherType].test(key) ? `is only for a ${otherType}` : undefined;
}

function checkDevice(name: string, device: unknown, tokens: TokenEscaper | undefined): ValueProblem[] {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name))
    return [{ at: name, message: 'is not a device name, expected at most 64 letters, digits, "-", "_" and "."' }];
  if (typeof device !== 'object' || device === null || Array.isArray(device))
    return [{ at: name, message: 'is not an object, expected an object such as { type: "disk", ... }' }];
  const { type, ...keys } = device as Values;
  const fields =
    Object.hasOwn(INSTANCE_DEVICES, String(type)) && INSTANCE_DEVICES[type as keyof typeof INSTANCE_DEVICES];
  if (!fields)
    return [
      { at: `${name}.type`, message: `is "${type}", expected one of ${Object.keys(INSTANCE_DEVICES).join(', ')}` },
    ];
  return checkValue(keys, { kind: 'object', fields, required: [] }, name, tokens);
}

function texts(values: Values): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}
