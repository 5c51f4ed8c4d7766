// What a program ends with that one of these signals ended: 128 and the signal's number. SIGTERM is there anyway, and
// SIGKILL is what the kernel uses when memory runs out, too.
const STATUS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGUSR1: 138, SIGUSR2: 140 };

/** Exit codes of a program that the signal to stop has ended, for SuccessExitStatus=. */
export function stoppedStatus(signal: string | number | undefined): number[] {
  const status = signal === undefined ? undefined : STATUS[signal];
  return [143, ...(status === undefined ? [] : [status])];
}
