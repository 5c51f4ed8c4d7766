import type { Generator } from '../generator';

/** Generates units from podman's Quadlet files. @see podman-systemd.unit(5) */
export const quadlet: Generator = {
  directories: ['/run/containers/systemd', '/etc/containers/systemd'],
  directoriesOf: (home, run) => [`${run}/containers/systemd`, `${home}/.config/containers/systemd`],
  check: `
for quadlet in /usr/libexec/podman/quadlet /usr/lib/podman/quadlet; do
  [ -x "$quadlet" ] && exec "$quadlet" -dryrun \${1:+-user} >/dev/null
done
exit 0
`,
};
