/** Lines of sh after which no other script changes the host. What others can open, they can lock. */
export const HOST_LOCK = `(umask 077; mkdir -p /run/bulkhead; : >>/run/bulkhead/host.lock)
exec 9</run/bulkhead/host.lock
flock 9`;
