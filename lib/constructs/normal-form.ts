import type { Manifest } from '../manifest';
import { fail } from './problem';

/** Refuses text that would not be the same after it went through Terraform, which composes letters and accents. */
export function checkNormalForm({ path: at, files }: Manifest): void {
  for (const [path, { content = '' }] of Object.entries(files)) {
    if (isNormal(path) && isNormal(content)) continue;
    fail({
      action: 'write',
      value: [path, ...content.split('\n')].find((line) => !isNormal(line)),
      problem: 'holds a letter and its accent as two characters, which Terraform makes one of',
      expected: 'text in Unicode normal form C, as text.normalize() returns it',
      at,
    });
  }
}

/** Whether Terraform leaves a text as it is. */
export function isNormal(text: string): boolean {
  return text === text.normalize();
}
