import { lab } from '../host';

/** A neighbour of the practice host: the namespace `outside` behind a link of its own, at 192.0.2.2 and 2001:db8::2. */
export const addOutside = (): Promise<string> =>
  lab.sh(`
    ip netns add outside
    ip link add r-out type veth peer name eth0 netns outside
    ip addr add 192.0.2.1/24 dev r-out; ip -6 addr add 2001:db8::1/64 dev r-out nodad; ip link set r-out up
    ip -n outside addr add 192.0.2.2/24 dev eth0; ip -n outside -6 addr add 2001:db8::2/64 dev eth0 nodad
    ip -n outside link set eth0 up; ip -n outside link set lo up
    ip -n outside route add default via 192.0.2.1; ip -n outside -6 route add default via 2001:db8::1`);

export const removeOutside = (): Promise<string> =>
  lab.sh('ip link delete r-out 2>/dev/null || :; ip netns delete outside 2>/dev/null || :');
