import type { Manifest } from '../../manifest/index';
import { fail } from '../problem';

/** Refuses text that would not be the same after it went through Terraform, which composes letters and accents. */
export function checkNormalForm({ path: at, files, objects }: Manifest): void {
  const texts = [
    ...Object.entries(files).map(([path, { content = '' }]) => `${path}\n${content}`),
    ...Object.entries(objects).map(([key, { spec }]) => [key, ...Object.values(spec ?? {})].join('\n')),
  ];
  for (const text of texts) {
    if (isNormal(text)) continue;
    fail({
      action: 'write',
      value: text.split('\n').find((line) => !isNormal(line)),
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
