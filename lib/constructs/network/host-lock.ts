/**
 * Shell lines that take a lock, so that only one script at a time changes the host. Other users can't lock the file,
 * since they can't open it.
 */
export const HOST_LOCK = `(umask 077; mkdir -p /run/bulkhead; : >>/run/bulkhead/host.lock)
exec 9</run/bulkhead/host.lock
flock 9`;
