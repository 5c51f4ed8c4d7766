import type { WriteStream } from 'node:tty';
import { printable } from './printable';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/**
 * What is being done right now. Every step is a line that stays; on a terminal, a last line that is redrawn shows the
 * time that the work has taken so far.
 */
export class Progress {
  private readonly started = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private current = '';
  private frame = 0;

  constructor(
    private readonly mode: 'none' | 'lines' | 'live',
    private readonly stream: Pick<WriteStream, 'write' | 'columns'>,
  ) {
    if (mode === 'live') this.timer = setInterval(() => this.draw(), FRAME_MS).unref();
  }

  /** Milliseconds since the work began. */
  get elapsed(): number {
    return performance.now() - this.started;
  }

  /** What is being waited for, until the next word. */
  waiting(text: string): void {
    this.current = text;
    if (this.timer) this.draw();
  }

  /** A line that stays. */
  step(text: string): void {
    if (this.mode === 'none') return;
    this.clear();
    this.stream.write(`  ${printable(text)}\n`);
    if (this.timer) this.draw();
  }

  /** No more of it; safe to call twice. */
  end(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.clear();
    this.timer = undefined;
  }

  private clear(): void {
    if (this.timer) this.stream.write('\r\u001b[K');
  }

  private draw(): void {
    this.frame = (this.frame + 1) % FRAMES.length;
    const text = `${FRAMES[this.frame]} ${(this.elapsed / 1000).toFixed(1)} s  ${printable(this.current)}`;
    this.stream.write(`\r\u001b[K${text.slice(0, (this.stream.columns || 80) - 1)}`);
  }
}
