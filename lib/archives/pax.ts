/**
 * Reads the records of a pax header: `LENGTH KEY=VALUE\n`. The length is that of the whole record. Undefined when a
 * record is damaged, or a key occurs twice. @see pax(1)
 */
export function paxRecords(content: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const digits = /^([1-9]\d{0,8}) /.exec(content.toString('latin1', at, at + 10))?.[1] ?? '';
    const record = content.toString('latin1', at + digits.length + 1, at + Number(digits));
    const equals = record.indexOf('=');
    const whole = digits !== '' && at + Number(digits) <= content.length && record.endsWith('\n');
    const key = record.slice(0, equals);
    if (!whole || equals < 1 || records.has(key)) return undefined;
    records.set(key, record.slice(equals + 1, -1));
    at += Number(digits);
  }
  return records;
}

/** Writes a record for {@link paxRecords}. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`, 'latin1');
}
