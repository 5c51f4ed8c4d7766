import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDirectives, type SystemdUnit } from '../../lib/directives';
import { writeUnit } from './support/read-write';

const version = Number(
  /systemd (\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1],
);
// Older ones don't fail for a key that they don't know.
const because = version >= 250 ? '' : ' (skipped: systemd-analyze 250 or later is not installed)';
const whenVerify = because ? test.skip : test;

/** Values that fit and values that don't, per key of [Service]; without what needs another key beside it. */
const VALUES: Readonly<Record<string, { fits: readonly unknown[]; not: readonly unknown[] }>> = {
  Restart: { fits: ['no', 'on-failure'], not: ['On-failure', 'YES', 'sometimes'] },
  TimeoutStopSec: {
    fits: [90, 0, '5min', '1h 30min', '1h30', '2.5s', '500ms', '1w', 'infinity'],
    not: ['-1', '5 parsec', 'x'],
  },
  RestartSec: { fits: ['100ms', 1.5], not: ['soon'] },
  TimerSlackNSec: { fits: [50000, '50us'], not: ['-5'] },
  MemoryMax: { fits: [1024, '10M5K', '1.5G', '1 G', '50%', 'infinity'], not: ['1GB', '1e6', 0, '-1', '1k'] },
  MemorySwapMax: { fits: [0, '1G'], not: ['much'] },
  CPUQuota: { fits: ['50%', '150%', '12.5%'], not: ['50', '-5%'] },
  CPUWeight: { fits: [1, 10000, 'idle'], not: [0, 10001, 'busy'] },
  TasksMax: { fits: [100, '50%', 'infinity'], not: ['-1', 'some'] },
  UMask: { fits: [0o27, '0027', '27', '02755'], not: ['0999', 'rwx', '17777'] },
  Nice: { fits: [-20, 19], not: [-21, 20, 'x'] },
  OOMScoreAdjust: { fits: [-1000, 1000], not: [1001] },
  LimitNOFILE: { fits: [1024, '1024:4096', 'infinity'], not: ['2:1', 'x', '1:2:3', '8K'] },
  LimitMEMLOCK: { fits: ['8M', '1K:2M'], not: ['8X'] },
  LimitCPU: { fits: ['60', '1h', '10s:1min'], not: ['x'] },
  KillSignal: {
    fits: ['SIGTERM', 'SIGRTMIN+30', 'SIGRTMAX-3', 15],
    not: ['SIGFOO', 'SIGRTMIN-3', 'SIGRTMIN+31', 0, 65],
  },
  SuccessExitStatus: { fits: [[1, 255, 'SIGKILL', 'TEMPFAIL']], not: [256, 'SIGFOO', 'OOPS'] },
  SystemCallFilter: {
    fits: [
      ['@system-service', '~@privileged'],
      ['~write:EPERM', '~@clock:5', '~read:kill'],
    ],
    not: [['@nothing'], ['Read?'], ['write:EPERM']],
  },
  SystemCallErrorNumber: { fits: ['EPERM', 13, 'kill'], not: ['EFOO', 5000] },
  SystemCallArchitectures: { fits: [['native', 'x86-64']], not: ['z80'] },
  RestrictAddressFamilies: { fits: [['AF_INET', 'AF_UNIX', 'AF_LOCAL'], 'none'], not: ['AF_FOO'] },
  RestrictNamespaces: { fits: [true, ['user', 'net'], ['~user']], not: ['planet'] },
  IPAddressAllow: { fits: [['10.0.0.0/8', '::1', 'localhost', 'any']], not: ['10.0.0.0/33', '10.0.0', '::1/129'] },
  PrivateTmp: { fits: [true, false], not: ['maybe'] },
  ProtectSystem: { fits: ['strict', true, 'full'], not: ['most'] },
  ProtectHome: { fits: ['read-only', 'tmpfs'], not: ['ro'] },
  WorkingDirectory: { fits: ['/a b', '~', '-/x'], not: ['x', './x'] },
  EnvironmentFile: { fits: ['/x', '-/x'], not: ['x'] },
  ReadOnlyPaths: { fits: ['/a b', '-/x', '+/x', '-+/x'], not: ['x'] },
  StateDirectory: { fits: ['a', 'a/b', 'a..b'], not: ['/a', '../a', 'a/../b'] },
  StandardOutput: { fits: ['journal', 'file:/x', 'append:/x'], not: ['paper'] },
  CPUAffinity: { fits: [['0-1', 1], '0,1'], not: ['x', '-1'] },
  Environment: { fits: [{ A: 'x', _b1: '' }], not: [{ 'A-B': 'x' }, { '1A': 'x' }] },
  UnsetEnvironment: { fits: [['A', 'B=c']], not: [] },
  Slice: { fits: ['a-b.slice'], not: ['a.service', 'a/b.slice'] },
  NotAKey: { fits: [], not: ['x'] },
};

const cases = Object.entries(VALUES).flatMap(([key, { fits, not }]) => [
  ...fits.map((value) => ({ key, value, fit: true })),
  ...not.map((value) => ({ key, value, fit: false })),
]);

/** The names of the files that systemd has something to say about. */
function complaints(texts: readonly string[]): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  try {
    const paths = texts.map((text, index) => {
      const path = join(folder, `v${index}.service`);
      writeFileSync(path, text);
      return path;
    });
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...paths], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return new Set([...stderr.matchAll(/\b(v\d+)\.service:/g)].map(([, name]) => name ?? ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A unit with the value as it stands, so that systemd sees what was given and not what a writer refuses. */
function unitWith(key: string, value: unknown): string {
  const base = { Service: { Type: 'oneshot', ExecStart: ['/bin/true'] } } as const;
  try {
    return writeUnit({ Service: { ...base.Service, [key]: value } } as SystemdUnit);
  } catch {
    return `${writeUnit(base)}${key}=${String(value)}\n`;
  }
}

describe('checkDirectives()', () => {
  test.each(cases)('says whether $key may be $value: $fit', ({ key, value, fit }) => {
    expect(checkDirectives('unit', { Service: { [key]: value } }).length === 0).toBe(fit);
  });

  whenVerify(`is of one mind with the installed systemd about all of these${because}`, () => {
    const found = complaints(cases.map(({ key, value }) => unitWith(key, value)));
    const said = cases.map(({ key, value }, index) => ({ key, value, fits: !found.has(`v${index}`) }));
    expect(said).toEqual(cases.map(({ key, value, fit }) => ({ key, value, fits: fit })));
  });
});
