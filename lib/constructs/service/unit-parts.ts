import type { NativeFile, Parts } from './service';

/** A systemd unit with one file. The unit is started and enabled, and it restarts when the file changes. */
export function unitParts(unitName: string, sections: NativeFile['sections']): Parts {
  const path = `/etc/systemd/system/${unitName}`;
  return {
    natives: { [path]: { format: 'unit', sections } },
    units: { [unitName]: { state: 'active', enabled: true, restartOn: [path] } },
  };
}
