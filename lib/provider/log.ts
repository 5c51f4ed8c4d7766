const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

const wanted = (process.env.TF_LOG_PROVIDER || process.env.TF_LOG || '').toLowerCase();
// Without a level, Terraform shows no log. It treats `json` and unknown levels as trace.
const threshold =
  wanted === '' || wanted === 'off' ? LEVELS.length : Math.max(0, (LEVELS as readonly string[]).indexOf(wanted));

/**
 * Writes a line to Terraform's log. The user sees it with `TF_LOG` or `TF_LOG_PROVIDER` set to trace, debug, info, warn
 * or error. Otherwise it costs nothing.
 */
export function log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  if (LEVELS.indexOf(level) < threshold) return;
  const line = {
    '@level': level,
    '@message': message,
    '@module': 'provider.bulkhead',
    // Terraform's parser expects six decimals.
    '@timestamp': new Date().toISOString().replace('Z', '000Z'),
    ...fields,
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
