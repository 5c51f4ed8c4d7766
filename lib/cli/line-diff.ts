/** Above this many comparisons a file counts as replaced as a whole. */
const MAX_COMPARISONS = 1_000_000;

/** The lines that make up the difference of two texts, each led by `-` or `+`, in the order of the text. */
export function lineDiff(before: string, after: string): string[] {
  const [all, others] = [linesOf(before), linesOf(after)];
  const most = Math.min(all.length, others.length);
  let head = 0;
  while (head < most && all[head] === others[head]) head++;
  let tail = 0;
  while (tail < most - head && all.at(-1 - tail) === others.at(-1 - tail)) tail++;
  const a = all.slice(head, all.length - tail);
  const b = others.slice(head, others.length - tail);
  const shared = a.length * b.length > MAX_COMPARISONS ? [] : commonLines(a, b);
  const diff: string[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...shared, [a.length, b.length] as const]) {
    diff.push(...a.slice(i, nextI).map((line) => `-${line}`), ...b.slice(j, nextJ).map((line) => `+${line}`));
    [i, j] = [nextI + 1, nextJ + 1];
  }
  return diff;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A longest common subsequence, as pairs of indices. */
function commonLines(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
