import type { Deed } from './making';
import type { Ended } from './started';

/** What is wrong with how something ended that was not killed; nothing when it ended as it should. */
export function problemOf(deed: Deed, { code, output }: Ended): string {
  // Terraform breaks long lines, and draws a line beside what it says of an error.
  const said = output.replace(/\n[│ ]+(?=\S)/g, ' ');
  const ends: Readonly<Record<Deed, boolean>> = {
    apply: code === 0,
    'failing apply': code === 1 && /previous version again/.test(said) && !/could not go back/.test(said),
    // One that was killed after all was done has nothing to go back to the next time.
    rollback: code === 0 || (code === 1 && /keeps no previous version/.test(said)),
  };
  return ends[deed] ? '' : `the ${deed} ends with exit code ${code}: ${output}`;
}
