/**
 * Lines of sh that give the file `$2` the content of the file `$1`. What is mounted somewhere is the file itself, whatever
 * its name leads to. Overwritten in one go, it is never empty.
 */
export const OVERWRITE = `dd if="$1" of="$2" bs=1M conv=notrunc status=none
truncate -r "$1" "$2"`;
