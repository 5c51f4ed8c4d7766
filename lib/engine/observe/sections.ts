/** Output of a script, by section name. */
export type Sections = ReadonlyMap<string, Buffer>;

/**
 * Reads framed output: lines with a length and a section's name, an empty line, and then the sections in order.
 * Undefined unless the output is complete, with nothing after it.
 */
export function readSections(output: Buffer): Sections | undefined {
  const head = output.indexOf('\n\n');
  if (head < 0) return undefined;
  const sections = new Map<string, Buffer>();
  let at = head + 2;
  for (const line of output.toString('latin1', 0, head).split('\n')) {
    const [, length = '', name = ''] = /^(\d+) ([a-z0-9-]+(?:@[a-z_][a-z0-9_-]*)?)$/.exec(line) ?? [];
    if (name === '' || sections.has(name)) return undefined;
    sections.set(name, output.subarray(at, at + Number(length)));
    at += Number(length);
  }
  return at === output.length ? sections : undefined;
}
