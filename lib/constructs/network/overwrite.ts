/**
 * Shell lines that give the file `$2` the content of the file `$1`. A mount refers to the file itself, not to its name,
 * so the file must be overwritten rather than replaced. One write does it, so the file is never empty.
 */
export const OVERWRITE = `dd if="$1" of="$2" bs=1M conv=notrunc status=none
truncate -r "$1" "$2"`;
