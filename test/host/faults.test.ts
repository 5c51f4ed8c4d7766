import { main } from '../cli/command';
import { run } from '../faults/campaign';
import { randomTimes } from '../faults/list';
import type { Round } from '../faults/rounds';
import { ADDRESS, describeHost } from './host';

jest.setTimeout(600_000);

const SEED = 1;

describeHost('an apply that is killed, as `npm run faults` does it for every class', () => {
  test('between its commands, twice in a row, and at a random time, is finished by the next one', async () => {
    const rounds: Round[] = [];
    await run(
      { rendering: 'bulkhead', group: 'systemd', classes: ['timer', 'config'] },
      {
        address: ADDRESS,
        main,
        faults: (length) => [
          [{ command: 4 }],
          [{ command: 3 }, { command: 8 }],
          // Only old versions are still to be removed.
          [{ command: length - 1 }],
          ...randomTimes(1, SEED),
        ],
        told: (round) => void rounds.push(round),
      },
    );
    expect(rounds.map(({ problem }) => problem)).toEqual(rounds.map(() => undefined));
    // The last apply may end before its time has come.
    expect(rounds.map(({ kills }) => kills.length).slice(0, -1)).toEqual([1, 2, 1]);
  });
});
