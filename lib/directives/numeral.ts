const NUMERAL = /^([+-]?)(?:0x([0-9a-f]+)|0b([01]+)|0o?([0-7]+)|(\d+))$/i;

/**
 * The number that a text means to systemd and to Quadlet: decimal, after `0x` hexadecimal, after `0b` binary, after `0o`
 * or just `0` octal. Nothing for a text that is none of these.
 */
export function parseNumeral(text: string): number | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = NUMERAL.exec(text) ?? [];
  if (sign === undefined || (decimal !== undefined && /^0./.test(decimal))) return undefined;
  const amount =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  return sign === '-' ? -amount : amount;
}
