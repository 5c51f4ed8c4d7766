/**
 * A target in LXC's form: relative to the root, without a leading slash. A value that is not known yet stays as it is.
 */
export function pathInRoot(target: string): string {
  if (!target.startsWith('/')) return `./${target}`;
  return target.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/');
}

/** A line of lxc.mount.entry. */
export function entry(source: string, target: string, type: string, options: string): string {
  return [source, target, type, options, '0', '0'].map(escaped).join(' ');
}

/** Escapes blanks and backslashes as in fstab(5). */
function escaped(field: string): string {
  return field.replace(/[\\ \t\n]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
