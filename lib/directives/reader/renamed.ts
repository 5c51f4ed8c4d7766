import { CATALOGS, type Format } from '../catalog';

/** A key of a section, and what is assigned to it. */
export interface NamedValue {
  readonly section: string;
  readonly key: string;
  readonly text: string;
}

/** The name that a section has now. */
export function currentSection(format: Format, section: string): string {
  return targetOf(format, `${section}.*`)?.section ?? section;
}

/** The same under the names and with the values of now, where the parser still takes old ones. */
export function currentNames(format: Format, given: NamedValue): NamedValue {
  const { section, key, text } = given;
  const renamed = targetOf(format, `${section}.${key}`);
  if (renamed) return { section: renamed.section, key: renamed.key, text: renamed.values[text.toLowerCase()] ?? text };
  return { ...given, section: currentSection(format, section) };
}

interface Target {
  readonly section: string;
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

function targetOf(format: Format, old: string): Target | undefined {
  const entry = CATALOGS[format].renamed?.[old];
  if (entry === undefined) return undefined;
  const { to, values = {} } = typeof entry === 'string' ? { to: entry } : entry;
  const [section = '', key = ''] = to.split('.');
  return { section, key, values };
}
