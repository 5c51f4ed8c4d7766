/**
 * The program that docker runs in place of runc. A container without a network of docker's, whose hostname is the name of
 * a service with a network namespace, joins that namespace before its program starts. Where there is none, the container
 * has no network.
 *
 * The texts it looks for stand only where docker writes them: within values, JSON has a backslash before a quote. Names
 * of namespaces are those of `linkName`.
 */
export const RUNTIME_SCRIPT = `#!/bin/sh
set -eu
bundle=. create= previous=
for word; do
  [ "$previous" != --bundle ] || bundle=$word
  [ "$word" != create ] || create=yes
  previous=$word
done
if [ "$create" ]; then
  name=$(sed -n 's/.*"hostname":"\\([A-Za-z0-9_.-]*\\)".*/\\1/p' "$bundle/config.json")
  link=bh-$name
  [ "\${#link}" -le 15 ] || link=bh-$(printf %s "$name" | sha256sum | cut -c 1-8)
  [ ! -e "/run/netns/$link" ] ||
    sed -i "s|{\\"type\\":\\"network\\"}|{\\"type\\":\\"network\\",\\"path\\":\\"/run/netns/$link\\"}|" "$bundle/config.json"
fi
exec runc "$@"
`;
