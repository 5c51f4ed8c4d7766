import { ofFiles, ofInstance, rootNamedIn, type Subject, stopped } from './drift-rows';

/** What is changed behind Bulkhead's back for each runtime. */
export const subjects: Readonly<Record<string, Subject>> = {
  systemd: {
    name: 'd-unit',
    file: '/etc/systemd/system/d-unit.service',
    rows: ofFiles('d-unit'),
  },
  'systemd in an image': {
    name: 'd-image',
    file: '/etc/systemd/system/d-image.service',
    rows: [
      ...ofFiles('d-image'),
      [
        'image removed',
        `rm -r ${rootNamedIn('/etc/systemd/system/d-image.service')}`,
        /^load image-root:.*: is missing$/,
      ],
      [
        'note of its layers removed',
        `rm ${rootNamedIn('/etc/systemd/system/d-image.service')}/layers`,
        /^load image-root:.*: is not complete$/,
      ],
    ],
  },
  portable: {
    name: 'd-portable',
    file: '/etc/systemd/system.attached/d-portable.service',
    rows: [
      ['disabled', 'systemctl disable d-portable', 'enable d-portable.service: is disabled'],
      [
        'masked',
        'ln -s /dev/null /etc/systemd/system/d-portable.service; systemctl daemon-reload',
        'remove /etc/systemd/system/d-portable.service: masks d-portable.service',
      ],
      [
        'another profile',
        'ln -sfn /usr/lib/systemd/portable/profile/trusted/service.conf /etc/systemd/system.attached/d-portable.service.d/10-profile.conf; systemctl daemon-reload',
        /^load link:.*10-profile.conf: leads to .*trusted/,
      ],
      [
        'its image no longer listed',
        'rm /etc/portables/d-portable_*',
        /^load link:\/etc\/portables\/d-portable_.*: is missing$/,
      ],
      [
        'detached',
        'portablectl detach --now --enable "$(basename /etc/portables/d-portable_*)"',
        'write /etc/systemd/system.attached/d-portable.service: is missing',
      ],
      [
        'image removed',
        `rm -r ${rootNamedIn('/etc/systemd/system.attached/d-portable.service.d/20-portable.conf')}`,
        /^load image-root:.*: is missing$/,
      ],
      [
        'its own drop-in edited',
        'echo "# edited" >> /etc/systemd/system/d-portable.service.d/50-bulkhead.conf',
        'write /etc/systemd/system/d-portable.service.d/50-bulkhead.conf: content differs',
      ],
    ],
  },
  podman: {
    name: 'd-box',
    file: '/etc/containers/systemd/d-box.container',
    rows: [
      [
        'disabled, which for a generated unit is masked',
        'systemctl stop d-box; systemctl mask d-box',
        'remove /etc/systemd/system/d-box.service: masks d-box.service',
      ],
      [
        'masked until the next boot',
        'systemctl mask --runtime d-box',
        'remove /run/systemd/system/d-box.service: masks d-box.service',
      ],
      [
        'drop-in of the Quadlet file',
        `mkdir -p /etc/containers/systemd/d-box.container.d && printf '[Container]\\nEnvironment=A=b\\n' > /etc/containers/systemd/d-box.container.d/x.conf`,
        'remove /etc/containers/systemd/d-box.container.d/x.conf: changes d-box.container',
      ],
      [
        'container re-created by hand',
        'image=$(podman inspect -f "{{.ImageName}}" d-box); systemctl stop d-box; podman run -d --name d-box "$image" /bin/sh -c "sleep 1000"',
        stopped('d-box'),
      ],
      ['container removed', 'podman rm -f -t 0 d-box; systemctl stop d-box', stopped('d-box')],
      [
        'image retagged',
        'tar -c --files-from /dev/null | podman import - localhost/other:1; podman tag localhost/other:1 "$(podman inspect -f "{{.ImageName}}" d-box)"',
        /^load podman-image:localhost\/d-box:.*: is another image/,
      ],
      [
        'image removed',
        'podman rmi -f "$(podman inspect -f "{{.ImageName}}" d-box)"',
        /^load podman-image:localhost\/d-box:.*: is missing/,
      ],
      [
        'unit file beside the Quadlet file',
        `printf '[Service]\\nExecStart=/bin/sleep 99\\n' > /etc/systemd/system/d-box.service`,
        'remove /etc/systemd/system/d-box.service: takes precedence over d-box.service',
      ],
    ],
  },
  containerd: {
    name: 'd-task',
    file: '/etc/systemd/system/d-task.service',
    rows: [
      ...ofFiles('d-task'),
      [
        'config.json edited',
        'sed -i \'s/"hostname": "d-task"/"hostname": "other"/\' /etc/bulkhead/containerd/d-task.json',
        'write /etc/bulkhead/containerd/d-task.json: content differs',
      ],
      ['task killed', 'ctr -n bulkhead tasks kill --signal KILL d-task; systemctl stop d-task', stopped('d-task')],
      [
        'container removed',
        // The unit cleans up at the same time.
        'ctr -n bulkhead tasks delete --force d-task || :; ctr -n bulkhead containers delete d-task || :; systemctl stop d-task',
        stopped('d-task'),
      ],
      [
        'image removed',
        'ctr -n bulkhead images rm --sync $(ctr -n bulkhead images ls --quiet | grep /d-task:)',
        /^load containerd-image:localhost\/d-task:.*: is missing$/,
      ],
      [
        'layer removed',
        'ctr -n bulkhead content rm $(ctr -n bulkhead content ls | grep -o "content.l.0=sha256:[0-9a-f]*" | cut -d = -f 2)',
        /^load containerd-image:localhost\/d-task:.*: lacks layers$/,
      ],
      [
        'its link deleted',
        'ip link delete bh-d-task',
        'restart d-task-network.service: interface:bh-d-task is missing',
      ],
      [
        'its network stopped',
        'systemctl stop d-task-network',
        'start d-task-network.service: interface:bh-d-task is missing',
      ],
    ],
  },
  oci: {
    name: 'd-bundle',
    file: '/etc/systemd/system/d-bundle.service',
    rows: [
      ...ofFiles('d-bundle'),
      [
        'config.json edited',
        'sed -i \'s/"hostname": "d-bundle"/"hostname": "other"/\' /etc/bulkhead/oci/d-bundle/config.json',
        'write /etc/bulkhead/oci/d-bundle/config.json: content differs',
      ],
      [
        'container removed',
        // The unit cleans up at the same time.
        'crun --root /run/bulkhead-oci/d-bundle/state delete --force d-bundle || :; systemctl stop d-bundle',
        stopped('d-bundle'),
      ],
      [
        'image removed',
        `systemctl stop d-bundle; rm -r --one-file-system ${rootNamedIn('/etc/systemd/system/d-bundle.service')}`,
        /^load image-root:[0-9a-f]{64}: is missing$/,
      ],
      [
        'its link deleted',
        'ip link delete bh-d-bundle',
        'restart d-bundle-network.service: interface:bh-d-bundle is missing',
      ],
      [
        'its network stopped',
        'systemctl stop d-bundle-network',
        'start d-bundle-network.service: interface:bh-d-bundle is missing',
      ],
    ],
  },
  lxc: {
    name: 'd-lxc',
    file: '/etc/systemd/system/d-lxc.service',
    rows: [
      ...ofFiles('d-lxc'),
      [
        'config edited',
        "sed -i 's/^lxc.no_new_privs = 1/lxc.no_new_privs = 0/' /var/lib/lxc/d-lxc/config",
        'write /var/lib/lxc/d-lxc/config: content differs',
      ],
      ['config removed', 'rm /var/lib/lxc/d-lxc/config', 'write /var/lib/lxc/d-lxc/config: is missing'],
      [
        'filter of system calls widened',
        'echo mount >> /var/lib/lxc/d-lxc/seccomp',
        'write /var/lib/lxc/d-lxc/seccomp: content differs',
      ],
      ['container stopped', 'lxc-stop -P /var/lib/lxc -n d-lxc -k; systemctl stop d-lxc', stopped('d-lxc')],
      [
        'image removed',
        `systemctl stop d-lxc; rm -r --one-file-system ${rootNamedIn('/etc/systemd/system/d-lxc.service')}`,
        /^load image-root:[0-9a-f]{64}: is missing$/,
      ],
      ['its link deleted', 'ip link delete bh-d-lxc', 'restart d-lxc-network.service: interface:bh-d-lxc is missing'],
      [
        'its network stopped',
        'systemctl stop d-lxc-network',
        'start d-lxc-network.service: interface:bh-d-lxc is missing',
      ],
    ],
  },
  incus: {
    name: 'd-incus',
    file: '/etc/systemd/system/d-incus.service',
    rows: [...ofFiles('d-incus'), ...ofInstance('incus', 'incus', 'd-incus')],
  },
  lxd: {
    name: 'd-lxd',
    file: '/etc/systemd/system/d-lxd.service',
    rows: [...ofFiles('d-lxd'), ...ofInstance('lxd', 'lxc', 'd-lxd')],
  },
  nspawn: {
    name: 'd-machine',
    file: '/etc/systemd/nspawn/d-machine.nspawn',
    rows: [
      ...ofFiles('d-machine'),
      ['machine terminated', 'machinectl terminate d-machine; systemctl stop d-machine', stopped('d-machine')],
      [
        'root removed',
        'systemctl stop d-machine; rm -rf /var/lib/machines/d-machine',
        'load machine-root:/var/lib/machines/d-machine: is missing',
      ],
      [
        'its link deleted',
        'ip link delete bh-d-machine',
        'restart d-machine-network.service: interface:bh-d-machine is missing',
      ],
      [
        'its unit edited',
        'echo "# edited" >> /etc/systemd/system/d-machine.service',
        'write /etc/systemd/system/d-machine.service: content differs',
      ],
      [
        'its network stopped',
        'systemctl stop d-machine-network',
        'start d-machine-network.service: interface:bh-d-machine is missing',
      ],
    ],
  },
  'nspawn in a shared image': {
    name: 'd-shared',
    file: '/etc/systemd/nspawn/d-shared.nspawn',
    rows: [
      ...ofFiles('d-shared'),
      [
        'its image not read-only any more',
        'chattr -i /var/lib/machines/d-base',
        'make machine-image:d-base: is not read-only',
      ],
      [
        'its image removed',
        'systemctl stop d-shared; machinectl read-only d-base false; machinectl remove d-base',
        'load machine-image:d-base: is missing',
      ],
      [
        'its image replaced by another one',
        'systemctl stop d-shared; machinectl read-only d-base false; echo other > /var/lib/machines/.d-base.image',
        /^load machine-image:d-base: is replaced by another/,
      ],
    ],
  },
  vm: {
    name: 'd-guest',
    file: '/etc/systemd/system/d-guest.service',
    rows: [
      ...ofFiles('d-guest'),
      [
        'command line edited',
        'echo quiet >> /etc/bulkhead/vm/d-guest/command-line',
        'write /etc/bulkhead/vm/d-guest/command-line: content differs',
      ],
      [
        'kernel replaced',
        'echo other > /var/lib/bulkhead-vm/d-guest/kernel',
        /^write \/var\/lib\/bulkhead-vm\/d-guest\/kernel: /,
      ],
      ['machine terminated', 'machinectl terminate d-guest; systemctl stop d-guest', stopped('d-guest')],
      [
        'guest switched off',
        `printf '{"execute":"qmp_capabilities"}\\n{"execute":"quit"}\\n' | socat -t 2 - UNIX-CONNECT:/run/bulkhead-vm/d-guest/qmp || :; systemctl stop d-guest`,
        stopped('d-guest'),
      ],
      [
        'socket of a volume stopped',
        'systemctl stop d-guest-volume0.socket',
        /^start d-guest-volume0.socket: is (?:inactive|missing)/,
      ],
      [
        'unit of a volume edited',
        'echo "# edited" >> /etc/systemd/system/d-guest-volume0.service',
        'write /etc/systemd/system/d-guest-volume0.service: content differs',
      ],
      [
        'image removed',
        `rm -r ${rootNamedIn('/etc/systemd/system/d-guest.service')}`,
        /^load image-root:[0-9a-f]{64}: is missing$/,
      ],
      [
        'its link deleted',
        'ip link delete bh-d-guest',
        'restart d-guest-network.service: interface:bh-d-guest is missing',
      ],
      [
        'its network stopped',
        'systemctl stop d-guest-network',
        'start d-guest-network.service: interface:bh-d-guest is missing',
      ],
    ],
  },
};
