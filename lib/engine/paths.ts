/** Where Bulkhead keeps its records on a host. */
export const STATE_DIR = '/var/lib/bulkhead';

/** What Bulkhead keeps for as long as the host runs. Nobody but root can look into it. */
export const RUN_DIR = '/run/bulkhead';

/** Whether systemd-networkd reads a file. @see systemd.network(5) */
export function isNetworkdFile(path: string): boolean {
  return /^\/(?:etc|run)\/systemd\/network\//.test(path);
}

/** Where archives lie while root loads them. */
export const LOAD_DIR = `${STATE_DIR}/load`;

/** Where roots of images lie that services share, and the layers that they are made of. */
export const IMAGES_DIR = `${STATE_DIR}/images`;

/** Where portablectl(1) and others put units of images that they attach. */
export const ATTACHED_DIRECTORY = '/etc/systemd/system.attached';

/** Where versions of services lie that are kept to go back to: a directory for each service, and in it one for each. */
export const GENERATIONS_DIR = `${STATE_DIR}/generations`;

/** Where the record of each service lies, in a file of its name. */
export const RECORDS_DIR = `${STATE_DIR}/services`;
