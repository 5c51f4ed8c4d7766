import type { Format } from '../catalog';
import link from '../catalog/texts/link.json';
import netdev from '../catalog/texts/netdev.json';
import network from '../catalog/texts/network.json';
import nspawn from '../catalog/texts/nspawn.json';
import quadlet from '../catalog/texts/quadlet.json';
import unit from '../catalog/texts/unit.json';

/** What keys do, by section or mixin. The texts of `*` are for every section of the format that has the key. */
export type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Texts of the keys that people use most. All others have only a link to their manual page. */
export const TEXTS: Readonly<Record<Format, Texts>> = { unit, nspawn, quadlet, network, netdev, link };

/** The texts for the keys of a section or mixin. */
export function textsOf(format: Format, section: string): Readonly<Record<string, string>> {
  return { ...TEXTS[format]['*'], ...TEXTS[format][section] };
}
