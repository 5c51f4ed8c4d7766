import type { DirectiveProblem } from './error';
import { isSet } from './is-set';
import { serviceProblems, sessionProblems } from './service-rules';
import type { Target } from './version';

type Keys = Readonly<Record<string, unknown>>;

const ANCHORS = ['OnActiveSec', 'OnBootSec', 'OnStartupSec', 'OnCalendar', 'OnClockChange', 'OnTimezoneChange'];
const RELATIVE = ['OnUnitActiveSec', 'OnUnitInactiveSec'];

/** Keys that have no effect without another. */
const NEEDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Timer: { Persistent: 'OnCalendar', DeferReactivation: 'OnCalendar', FixedRandomDelay: 'RandomizedDelaySec' },
  Service: {
    RestartSteps: 'RestartMaxDelaySec',
    RestartMaxDelaySec: 'RestartSteps',
    RuntimeRandomizedExtraSec: 'RuntimeMaxSec',
  },
};
/** Values that turn such a key off. */
const OFF: ReadonlySet<unknown> = new Set([false, 0, '0', 'infinity']);

/** What the service manager asks of a unit as a whole. A drop-in lacks what stands in the file that it is for. */
export function unitProblems(file: object, target: Target & { readonly dropIn?: true }): DirectiveProblem[] {
  const sections = file as Readonly<Record<string, Keys | readonly Keys[] | undefined>>;
  return Object.entries(sections).flatMap(([name, content]) => {
    const rules = RULES[name];
    if (!rules || content === undefined) return [];
    const keys: Keys = Array.isArray(content) ? Object.assign({}, ...content) : content;
    const complete = target.dropIn ? [] : ofNeeds(name, keys);
    return [...complete, ...rules(keys, target)];
  });
}

type Rules = (keys: Keys, target: Target & { readonly dropIn?: true }) => DirectiveProblem[];
const RULES: Readonly<Record<string, Rules>> = {
  Timer: (keys, { dropIn }) => (dropIn ? [] : ofTimer(keys)),
  Service: serviceProblems,
  Socket: (keys, { dropIn }) => [...ofSocket(keys, dropIn), ...sessionProblems('Socket', keys)],
  Mount: (keys) => sessionProblems('Mount', keys),
  Swap: (keys) => sessionProblems('Swap', keys),
};

function ofNeeds(section: string, keys: Keys): DirectiveProblem[] {
  const isOn = (key: string) => isSet(keys[key]) && !OFF.has(keys[key]);
  return Object.entries(NEEDS[section] ?? {})
    .filter(([key, other]) => isOn(key) && !isOn(other))
    .map(([key, other]) => problem(section, key, `has no effect without ${other}, expected ${other} beside it`));
}

function ofTimer(keys: Keys): DirectiveProblem[] {
  const isOn = (key: string) => isSet(keys[key]) && keys[key] !== false;
  if (ANCHORS.some(isOn)) return [];
  const key = RELATIVE.find(isOn);
  if (key === undefined)
    return [problem('Timer', 'OnCalendar', 'is missing, expected a time such as OnCalendar or OnBootSec')];
  const why = 'never comes before the unit has run, expected OnBootSec, OnActiveSec or OnCalendar beside it';
  return [problem('Timer', key, why)];
}

/** Sockets with connections. */
const ACCEPTING = ['ListenStream', 'ListenSequentialPacket'];
/** Sockets and files without. */
const SINGLE = [
  'ListenDatagram',
  'ListenFIFO',
  'ListenNetlink',
  'ListenSpecial',
  'ListenMessageQueue',
  'ListenUSBFunction',
];

function ofSocket(keys: Keys, dropIn: true | undefined): DirectiveProblem[] {
  const found: DirectiveProblem[] = [];
  const refuse = (key: string, message: string) => found.push(problem('Socket', key, message));
  if (!dropIn && ![...ACCEPTING, ...SINGLE].some((key) => isSet(keys[key])))
    refuse('ListenStream', 'is missing, expected an address such as 8080 or "/run/shop.sock"');
  if (keys.MaxConnections === 0 || keys.MaxConnections === '0')
    refuse('MaxConnections', 'is 0, which systemd refuses, expected at least 1');
  if (keys.Accept !== true) return found;
  if (isSet(keys.Service)) refuse('Service', 'is refused by systemd with Accept, expected no Service');
  for (const key of SINGLE)
    if (isSet(keys[key])) refuse(key, 'does not work with Accept, expected ListenStream, or Accept: false');
  return found;
}

function problem(section: string, key: string, message: string): DirectiveProblem {
  return { section, key, message: `${message}, see systemd.${section.toLowerCase()}(5)` };
}
