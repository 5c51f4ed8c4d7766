import { Readable } from 'node:stream';
import type { RunOptions, Transport } from '../../lib/transport';

/** A transport that counts commands, and the bytes that they get as input. */
export class Counting implements Transport {
  commands = 0;
  bytes = 0;
  /** Told after each part of an input. */
  sent: () => void = () => {};

  constructor(private readonly inner: Transport) {}

  get address() {
    return this.inner.address;
  }

  run(argv: readonly string[], options: RunOptions = {}) {
    this.commands++;
    const { input, ...others } = options;
    if (input === undefined) return this.inner.run(argv, others);
    const counted = input instanceof Uint8Array ? this.counted([input]) : this.counted(input);
    return this.inner.run(argv, { ...others, input: Readable.from(counted, { objectMode: false }) });
  }

  private async *counted(input: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    for await (const part of input) {
      this.bytes += part.length;
      this.sent();
      yield part;
    }
  }

  hold(...args: Parameters<Transport['hold']>) {
    return this.inner.hold(...args);
  }

  close() {
    return this.inner.close();
  }
}
