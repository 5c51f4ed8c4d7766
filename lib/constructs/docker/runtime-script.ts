/**
 * The program that docker runs in place of runc. It handles containers without a docker network. If the hostname of the
 * container is the name of a service with a network namespace, the container joins that namespace before its program
 * starts. Otherwise the container has no network.
 *
 * Only docker writes the texts that the script searches for: inside a JSON value, a quote has a backslash before it.
 * Names of namespaces follow `linkName`.
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
