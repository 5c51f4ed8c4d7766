import type { DirectiveProblem } from './error';
import { isSet } from './is-set';

/** What systemd-nspawn asks of a file as a whole. */
export function nspawnProblems(file: object, { dropIn }: { readonly dropIn?: true }): DirectiveProblem[] {
  const { Exec } = file as { readonly Exec?: Readonly<Record<string, unknown>> };
  if (!Exec) return [];
  const { Boot, ProcessTwo, Parameters } = Exec;
  const found: DirectiveProblem[] = [];
  const refuse = (key: string, message: string) =>
    found.push({ section: 'Exec', key, message: `${message}, see systemd.nspawn(5)` });
  if (Boot === true && ProcessTwo === true) refuse('ProcessTwo', 'does not go with Boot, expected one of the two');
  if (!dropIn && isSet(Parameters) && !isSet(Boot) && !isSet(ProcessTwo))
    refuse('Parameters', 'is ignored without Boot or ProcessTwo, expected Boot: false beside it');
  return found;
}
