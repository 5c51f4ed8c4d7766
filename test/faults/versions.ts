import {
  ConfigFile,
  type Host,
  type IncusInstance,
  type LxdInstance,
  NspawnMachine,
  PodmanService,
  Secret,
  SystemdService,
  SystemdTimer,
} from 'bulkhead';
import { IDLE, type Making, QUICK, root, SECONDS, SIDE_VARIABLE, type Side } from './making';

const CONFIG = '/mnt/config';

/** What is made anew on each side. */
function containedProps(side: Side, fails: boolean) {
  const command = fails ? (['/bin/false'] as const) : (['/bin/sleep', SECONDS[side]] as const);
  return { image: root(side), command, restart: 'no', stopTimeout: '1s' } as const;
}

/**
 * Services whose version of a side may fail, each by itself. The first of them fails because of a file, which therefore
 * has to go back with it, and with the file what else reads that. No service comes or leaves, so that all of them have a
 * version before.
 */
export function buildVersions(host: Host, side: Side, { fails }: Making): void {
  const content = `${fails ? 'bad' : side}\n`;
  const config = new ConfigFile(host, 'f-back-config', { path: '/etc/f-config/f-back.conf', content });
  const secret = new Secret(host, 'f-back-secret', { environmentVariable: SIDE_VARIABLE });
  const unit = {
    environment: { SIDE: side },
    volumes: [{ source: config, target: CONFIG }],
    restart: 'no',
    directives: QUICK,
  } as const;
  const check = `read word < ${CONFIG}; [ "$word" != bad ] && exec sleep infinity`;
  const back = new SystemdService(host, 'f-back', { ...unit, command: ['/bin/sh', '-c', check], secrets: [secret] });
  new SystemdService(host, 'f-back-reader', { ...unit, command: IDLE });
  new SystemdService(host, 'f-back-dependent', { ...unit, command: IDLE, dependsOn: [back] });
  new SystemdService(host, 'f-beside', { ...unit, volumes: [], command: IDLE });
  // Its units are others on each side.
  const { restart: _, ...program } = { ...unit, command: IDLE };
  if (side === 'a') new SystemdService(host, 'f-back-kind', program);
  else new SystemdTimer(host, 'f-back-kind', { ...program, onCalendar: 'yearly' });
  const contained = containedProps(side, fails);
  new PodmanService(host, 'f-back-box', { ...contained, environment: { SIDE: side } });
  new NspawnMachine(host, 'f-back-machine', { ...contained, network: 'none' });
}

/** The same for an instance, which is made anew. */
export const buildInstance =
  (type: typeof IncusInstance | typeof LxdInstance) =>
  (host: Host, side: Side, { fails }: Making): void => {
    new type(host, 'f-back-instance', { ...containedProps(side, fails), network: 'none' });
  };
