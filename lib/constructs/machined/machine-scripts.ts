import type { FilePart } from '../../manifest/index';
import { rootFile } from '../network/network';
import { MOST_CHARACTERS } from './guest-words';

/** Program that runs the machine. */
export const QEMU = 'qemu-system-x86_64';

/** Space, in KiB, that a guest can write to on the disk of its image. Unused space takes none on the host. */
const FREE_KIB = 1024 * 1024;

/**
 * Creates, as root, the files that the machine's program reads, in the machine's directory below /run. /dev/kvm may
 * open although the processor can't run a guest. So KVM is used only if the processor has the extension and a test
 * machine starts. Arguments: that directory, the directory of the configuration, hosts(5) and resolv.conf(5) of the
 * network or nothing, the directory of the kernel and the disk, and the root of the image or nothing.
 */
const PREPARE = `run=$1 configuration=$2 hostsfile=\${3:-/dev/null} resolv=\${4:-/dev/null} directory=$5 image=$6
umask 077
cd "$run"
acceleration() {
  [ -c /dev/kvm ] || { echo 'tcg the host has no /dev/kvm'; return; }
  grep -Eqw 'vmx|svm' /proc/cpuinfo || { echo 'tcg the processor of the host has no vmx or svm'; return; }
  said=$(echo quit | timeout 10 ${QEMU} -machine q35,accel=kvm -cpu host -nodefaults -display none -S -monitor stdio 2>&1) ||
    { echo "tcg KVM fails: $(printf %s "$said" | tail -n 1)"; return; }
  echo 'kvm'
}
acceleration >acceleration
read -r how why <acceleration
case $how in
  kvm) status='Runs by KVM' ;;
  *) status="Emulated by TCG, many times slower than KVM: $why" ;;
esac
echo "$status"
systemd-notify --status="$status" || :
hosts=
while read -r address names; do
  case $address in '' | 127.* | ::1) continue ;; esac
  hosts=$hosts\${hosts:+,}$address
  for name in $names; do hosts=$hosts/$name; done
done <"$hostsfile"
servers=$(sed -n 's/^nameserver *//p' "$resolv" 2>/dev/null | paste -sd ,)
credential() { printf 'io.systemd.credential.binary:%s=%s' "$1" "$(base64 -w0)" >"$1"; }
credential network.network.10-bulkhead <"$configuration/network"
# In a Debian guest, nothing else starts what reads the credential of the network.
{
  [ ! -s "$configuration/network" ] ||
    printf '[Unit]\\nWants=systemd-network-generator.service systemd-networkd.service\\n'
} | credential systemd.unit-dropin.multi-user.target
{
  [ -z "$hosts" ] || echo "f+~ /etc/hosts 0644 root root - $(base64 -w0 <"$hostsfile")"
  [ -z "$servers" ] || echo "f+~ /etc/resolv.conf 0644 root root - $(base64 -w0 <"$resolv")"
} | credential tmpfiles.extra
credential fstab.extra <"$configuration/fstab"
words="\${hosts:+bulkhead.hosts=$hosts }\${servers:+bulkhead.dns=$servers }"
line=$(cat "$configuration/command-line")
[ -z "$line" ] || line=$words$line
[ "\${#line}" -le ${MOST_CHARACTERS} ] ||
  { echo "the kernel's command line has \${#line} characters, at most ${MOST_CHARACTERS}: it may reach fewer services" >&2; exit 1; }
printf %s "$line" >command-line
chown --reference=. -- *
if [ "$image" ]; then
  mkdir -p -- "$directory/disk"
  size=$(du -sk --apparent-size -- "$image" | cut -f 1)
  files=$(du -s --inodes -- "$image" | cut -f 1)
  rm -f -- "$directory/disk/root"
  mke2fs -q -t ext4 -O ^has_journal -F -L root -m 0 -N "$((files + 65536))" -d "$image" "$directory/disk/root" \\
    "$((size + files * 4 + ${FREE_KIB}))k"
fi`;

/** Replaces itself with qemu. Arguments: the directory below /run, then the arguments of qemu. */
const RUN = `cd "$1"
shift
read -r how why <acceleration
case $how in kvm) set -- -accel kvm -cpu host "$@" ;; *) set -- -accel tcg,tb-size=128 -cpu qemu64 "$@" ;; esac
[ ! -s command-line ] || set -- "$@" -append "$(cat command-line)"
exec ${QEMU} "$@"`;

/**
 * Asks the guest to power off, again and again, since the guest may still be booting. After the time limit, the guest
 * is switched off. Arguments: the directory below /run, and the seconds that the guest has.
 */
const STOP = `run=$1 seconds=$2
[ "$MAINPID" ] || exit 0
say() {
  printf '{"execute":"qmp_capabilities"}\\n{"execute":"%s"}\\n' "$1" | socat -t 1 - "UNIX-CONNECT:$run/qmp" >/dev/null 2>&1 || :
}
end=$(($(date +%s) + seconds))
asked=
while kill -0 "$MAINPID" 2>/dev/null; do
  now=$(date +%s)
  if [ "$now" -ge "$end" ]; then say quit; exit; fi
  [ "$now" = "$asked" ] || { asked=$now; say system_powerdown; }
  sleep 0.1
done`;

const SCRIPTS = { prepare: PREPARE, run: RUN, stop: STOP } as const;
export type MachineScript = keyof typeof SCRIPTS;

/** The scripts that the unit of a machine runs, as files in a directory. */
export function machineScripts(directory: string): Record<string, FilePart> {
  const files = Object.entries(SCRIPTS).map(([name, text]) => [`${directory}/${name}.sh`, rootFile(`${text}\n`)]);
  return Object.fromEntries(files);
}
