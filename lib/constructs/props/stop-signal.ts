// Exit codes of a program that a signal ended: 128 plus the number of the signal. SIGTERM is always accepted, so it is
// not listed. SIGKILL is not listed either, since the kernel also uses it when memory runs out.
const STATUS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGUSR1: 138, SIGUSR2: 140 };

/** Exit codes of a program that its stop signal ended, for SuccessExitStatus=. */
export function stoppedStatus(signal: string | number | undefined): number[] {
  const status = signal === undefined ? undefined : STATUS[signal];
  return [143, ...(status === undefined ? [] : [status])];
}
