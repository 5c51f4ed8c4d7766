import { DiagnosticError } from '../../lib/provider/diagnostics';
import { followTerraform } from '../../lib/provider/lifecycle';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describe('the life of the plugin process', () => {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    jest.useRealTimers();
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal))
        if (!before.get(signal)?.includes(listener)) process.removeListener(signal, listener);
    }
  });

  test('stop aborts, with a reason for the user, and closes nothing', () => {
    const close = jest.fn(async () => undefined);
    const { signal, stop } = followTerraform(close);
    expect(signal.aborted).toBe(false);
    stop();
    stop();
    expect(signal.reason).toBeInstanceOf(DiagnosticError);
    expect(signal.reason.message).toBe('Interrupted');
    expect(close).not.toHaveBeenCalled();
  });

  test('close aborts what still runs, and closes the provider once', async () => {
    const close = jest.fn(async () => undefined);
    const lifecycle = followTerraform(close);
    await Promise.all([lifecycle.close(), lifecycle.close()]);
    expect(lifecycle.signal.aborted).toBe(true);
    expect(close).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(1);
  });

  test('close waits five seconds for the provider, and no longer', async () => {
    const lifecycle = followTerraform(() => new Promise(() => undefined));
    let closed = false;
    const closing = lifecycle.close().then(() => {
      closed = true;
    });
    await jest.advanceTimersByTimeAsync(4999);
    expect(closed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await closing;
    expect(closed).toBe(true);
  });

  test('close is done with when the provider fails to close', async () => {
    const lifecycle = followTerraform(() => Promise.reject(new Error('it is stuck')));
    await expect(lifecycle.close()).resolves.toBeUndefined();
  });
});
