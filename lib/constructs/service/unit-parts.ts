import type { NativeFile, Parts } from './service';

/** A unit of systemd in a file of its own, which runs and is enabled; it is restarted when the file changes. */
export function unitParts(unitName: string, sections: NativeFile['sections']): Parts {
  const path = `/etc/systemd/system/${unitName}`;
  return {
    natives: { [path]: { format: 'unit', sections } },
    units: { [unitName]: { state: 'active', enabled: true, restartOn: [path] } },
  };
}
