import {
  type FileSections,
  type Format,
  type LinkFile,
  type NetdevFile,
  type NetworkFile,
  type NspawnFile,
  type QuadletFile,
  readDirectives,
  type SystemdUnit,
  type WriteOptions,
  writeFile,
} from '../../../lib/directives';

type Write<File> = (file: File, options?: WriteOptions) => string;

const writerOf =
  <File extends object>(format: Format): Write<File> =>
  (file, options) =>
    writeFile(format, file, options).text;

export const writeUnit = writerOf<SystemdUnit>('unit');
export const writeQuadlet = writerOf<QuadletFile>('quadlet');
export const writeNspawn = writerOf<NspawnFile>('nspawn');
export const writeNetwork = writerOf<NetworkFile>('network');
export const writeNetdev = writerOf<NetdevFile>('netdev');
export const writeLink = writerOf<LinkFile>('link');

/** The sections of a file in which nothing is wrong. */
export function parseUnit(text: string, format: Format): FileSections {
  const { sections, problems } = readDirectives(format, text);
  const [first] = problems;
  if (first) throw new Error(`line ${first.line}: [${first.section}] ${first.key}: ${first.message}`);
  return sections;
}
