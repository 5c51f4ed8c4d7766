/** A shell function: what a TCP server at a host and port says first, or "refused". */
export const HEAR = `
hear() {
  line=$(timeout 20 bash -c 'head -n 1 <"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null || :)
  echo "\${line:-refused}"
}`;
