/**
 * Units of engines that listen on ports for what they run, and groups in which an engine has it: whose port that is does
 * not show there, but in the claims of services alone.
 */
export const LISTENS_FOR_OTHERS =
  /^(?:docker|containerd|incus|lxd|podman|snap\..*)\.(?:service|socket)$|^(?:docker|libpod|machine|lxc)-/;
