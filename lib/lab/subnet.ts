/** The link between the machine and one lab is a /24 of its own: `.1` is the machine, `.2` the lab. */
export interface Subnet {
  readonly gateway: string;
  readonly address: string;
}

export function subnet(number: number): Subnet {
  return { gateway: `10.99.${number}.1`, address: `10.99.${number}.2` };
}

/**
 * Numbers that addresses and routes speak for.
 * @param text Output of ip-address(8) and ip-route(8).
 */
export function subnetsIn(text: string): Set<number> {
  return new Set([...text.matchAll(/\b10\.99\.(\d{1,3})\.\d/g)].map(([, number]) => Number(number)));
}

/** The preferred one if it is free, else the lowest that is. */
export function chooseSubnet(taken: ReadonlySet<number>, preferred: number): number {
  const candidates = [preferred, ...Array.from({ length: 256 }, (_, number) => number)];
  const free = candidates.find((number) => !taken.has(number));
  if (free === undefined) throw new Error('Cannot address the lab: 10.99.0.0/16 is used up, expected a free /24 in it');
  return free;
}
