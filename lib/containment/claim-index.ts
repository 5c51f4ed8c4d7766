import { canonical } from './addresses';
import { type Claim, claimsCollide, parseClaim } from './claims';

interface Entry<Owner> {
  readonly text: string;
  readonly claim: Claim;
  readonly owner: Owner;
}

/** Claims with their owners. The time to find a collision does not grow with the number of claims. */
export class ClaimIndex<Owner> {
  private readonly byKey = new Map<string, Entry<Owner>[]>();
  /** Claims that can collide with claims of another key: ranges and subnets. */
  private readonly wide: Entry<Owner>[] = [];
  /** Claims that can collide with a wide claim. */
  private readonly narrow: Entry<Owner>[] = [];

  /** Adds a claim. Returns the first one that collides with it, if any. */
  add(text: string, owner: Owner): { readonly text: string; readonly owner: Owner } | undefined {
    const entry = { text, claim: parseClaim(text), owner };
    const key = keyOf(entry.claim);
    const same = key === undefined ? this.narrow : (this.byKey.get(key) ?? []);
    const taken = [same, this.wide].flatMap(
      (entries) => entries.find(({ claim }) => claimsCollide(claim, entry.claim)) ?? [],
    );
    if (key === undefined) this.wide.push(entry);
    else if (same.push(entry) === 1) this.byKey.set(key, same);
    if (key !== undefined && entry.claim.type !== 'text') this.narrow.push(entry);
    return taken[0];
  }
}

/** A text that colliding claims have in common, unless one of them is wide. Undefined for a wide claim. */
function keyOf(claim: Claim): string | undefined {
  switch (claim.type) {
    case 'text':
      return claim.text;
    case 'port': {
      const [first, last] = claim.range ?? [claim.port, claim.port];
      return first === last ? `${claim.protocol} ${first}` : undefined;
    }
    case 'network': {
      const { family, address, bits } = claim.network;
      return bits === (family === 'ipv4' ? 32 : 128) ? `address ${canonical(address)}` : undefined;
    }
    case 'uids':
      return undefined;
  }
}
