import type { Manifest } from '../../manifest/index';
import { fail } from '../problem';

/** Refuses text that Terraform would change. Terraform joins a letter and a separate accent into one character. */
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
      problem: 'has a letter and its accent as two characters, and Terraform turns them into one',
      expected: 'text in Unicode normal form C, as text.normalize() returns it',
      at,
    });
  }
}

/** Whether Terraform leaves a text unchanged. */
export function isNormal(text: string): boolean {
  return text === text.normalize();
}
