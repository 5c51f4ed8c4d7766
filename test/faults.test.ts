import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as bulkhead from 'bulkhead';

const DIRECTORY = join(__dirname, 'faults');

/** Classes that others extend. */
const BASES: readonly unknown[] = [bulkhead.Workload, bulkhead.NetworkedWorkload, bulkhead.SystemdTrigger];

test('a campaign of faults has every class of service', () => {
  const text = readdirSync(DIRECTORY)
    .map((name) => readFileSync(join(DIRECTORY, name), 'utf8'))
    .join('');
  const classes = Object.entries(bulkhead).flatMap(([name, value]) =>
    typeof value === 'function' && value.prototype instanceof bulkhead.Service && !BASES.includes(value) ? [name] : [],
  );
  expect(classes).toContain('DockerService');
  // Some are made by a function that takes the class.
  expect(classes.filter((name) => !new RegExp(`new ${name}\\(|\\(${name}, '`).test(text))).toEqual([]);
});
