import type { DirectiveProblem } from './check';

/** What systemd-nspawn asks of a file as a whole. */
export function nspawnProblems(file: object): DirectiveProblem[] {
  const { Exec } = file as { readonly Exec?: Readonly<Record<string, unknown>> };
  if (!Exec || Exec.Parameters === undefined || Exec.Boot !== undefined || Exec.ProcessTwo !== undefined) return [];
  const message = 'is ignored without Boot or ProcessTwo, expected Boot: false beside it, see systemd.nspawn(5)';
  return [{ section: 'Exec', key: 'Parameters', message }];
}
