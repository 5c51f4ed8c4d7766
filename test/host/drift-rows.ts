/** A mutation done behind Bulkhead's back, and what the plan says of it. */
export type Row = [what: string, mutation: string, expected: string | RegExp];

export interface Subject {
  /** Name of the service; also its unit. */
  readonly name: string;
  /** The file that a user would edit. */
  readonly file: string;
  readonly rows: readonly Row[];
}

/** A unit that had to be killed counts as failed. One whose runtime makes its link has lost that, too. */
export const stopped = (name: string) =>
  new RegExp(`^start ${name}.service: (is inactive|has failed|interface:bh-${name} is missing)`);

/** Rows of units whose files are no generator's. */
export function ofFiles(name: string): Row[] {
  const file = `/etc/systemd/system/${name}.service`;
  return [
    ['disabled', `systemctl disable ${name}`, `enable ${name}.service: is disabled`],
    ['masked in its place', `ln -sf /dev/null ${file}; systemctl daemon-reload`, `write ${file}: is a symlink`],
    [
      'masked at run time, from above',
      `mkdir -p /run/systemd/transient && ln -s /dev/null /run/systemd/transient/${name}.service && systemctl daemon-reload`,
      `remove /run/systemd/transient/${name}.service: masks ${name}.service`,
    ],
  ];
}

/** Rows of an instance. @param client the command of its engine */
export function ofInstance(engine: string, client: string, name: string): Row[] {
  const instance = `${engine}-instance:${name}`;
  const differs = (what: string) => `place ${instance}: differs in ${what}`;
  return [
    [
      'limit changed',
      `${client} config set ${name} limits.memory 100MiB`,
      `make ${instance}: differs in limits.memory`,
    ],
    ['made privileged', `${client} config set ${name} security.nesting true`, differs('security.nesting')],
    ['variable added', `${client} config set ${name} environment.BEHIND 1`, differs('environment.BEHIND')],
    ['device added', `${client} config device add ${name} behind disk source=/srv path=/srv`, differs('device behind')],
    ['link removed', `${client} config device remove ${name} eth0`, differs('device eth0')],
    [
      'profile added',
      `${client} profile create behind; ${client} profile set behind security.nesting true; ${client} profile add ${name} behind`,
      differs('profiles (behind)'),
    ],
    ['paused', `${client} pause ${name}`, `make ${instance}: is paused`],
    [
      'deleted',
      `${client} profile delete behind; systemctl stop ${name}; ${client} delete ${name}`,
      `make ${instance}: is missing`,
    ],
    [
      'another instance in its place',
      `systemctl stop ${name}; ${client} delete ${name}; ${client} init --empty --storage bulkhead ${name} 2>/dev/null`,
      new RegExp(`^place ${instance}: is made from another image; the old instance is kept until the next time$`),
    ],
    ['its link deleted', `ip link delete bh-${name}`, `restart ${name}.service: interface:bh-${name} is missing`],
    [
      'image removed',
      `${client} image delete $(${client} image list -f csv -c F)`,
      new RegExp(`^load ${engine}-image:[0-9a-f]{64}: is missing$`),
    ],
    [
      'taken out of the unit',
      `kill -KILL $(cat /run/bulkhead/${engine}/${name}/pid); systemctl stop ${name}`,
      stopped(name),
    ],
  ];
}

/** Rows that every runtime has. */
export function common(name: string, file: string): Row[] {
  const dropIn = (directory: string) =>
    `mkdir -p ${directory}/${name}.service.d && printf '[Service]\\nNice=7\\n' > ${directory}/${name}.service.d/behind.conf && systemctl daemon-reload`;
  return [
    ['file edited', `echo '# edited' >> ${file}`, `write ${file}: content differs`],
    ['file chmod-ed', `chmod 0600 ${file}`, `write ${file}: mode is 0600, expected 0644`],
    ['file chown-ed', `chown nobody:daemon ${file}`, `write ${file}: owner is nobody:daemon, expected root:root`],
    ['file deleted', `rm ${file}`, `write ${file}: is missing`],
    ['file deleted and reloaded', `rm ${file}; systemctl daemon-reload`, `write ${file}: is missing`],
    ['unit stopped', `systemctl stop ${name}`, stopped(name)],
    ['unit killed', `systemctl kill -s KILL ${name}; systemctl stop ${name}`, stopped(name)],
    [
      'drop-in in /etc',
      dropIn('/etc/systemd/system'),
      `remove /etc/systemd/system/${name}.service.d/behind.conf: changes ${name}.service`,
    ],
    [
      'drop-in in /run',
      dropIn('/run/systemd/system'),
      `remove /run/systemd/system/${name}.service.d/behind.conf: changes ${name}.service`,
    ],
    [
      'systemctl edit --runtime',
      `printf '[Service]\\nNice=7\\n' | SYSTEMD_EDITOR=tee systemctl edit --runtime --stdin ${name}`,
      `remove /run/systemd/system/${name}.service.d/override.conf: changes ${name}.service`,
    ],
    [
      'systemctl set-property',
      `systemctl set-property ${name} MemoryMax=900M`,
      new RegExp(`remove /etc/systemd/system.control/${name}.service.d/.*: changes`),
    ],
    [
      'systemctl set-property --runtime',
      `systemctl set-property --runtime ${name} TasksMax=900`,
      new RegExp(`remove /run/systemd/system.control/${name}.service.d/.*: changes`),
    ],
    [
      'unit file of higher precedence',
      `mkdir -p /run/systemd/transient && printf '[Service]\\nExecStart=/bin/sleep 99\\n' > /run/systemd/transient/${name}.service && systemctl daemon-reload`,
      `remove /run/systemd/transient/${name}.service: takes precedence over ${name}.service`,
    ],
  ];
}

/** The directory of the root of an image that a file names. */
export const rootNamedIn = (file: string) =>
  `/var/lib/bulkhead/images/"$(grep -o '[0-9a-f]\\{64\\}' ${file} | head -1)"`;
