import { Image, VirtualMachine } from 'bulkhead';
import { Lab } from '../../lib/lab';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

jest.setTimeout(240_000);

/** Runs what it is sent in the guest, which has it from a volume. */
const SHELL = '#!/bin/sh\necho; head -c "$CONTENT_LENGTH" | sh 2>&1\n';

describeHost('a virtual machine', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    await lab.sh(
      `mkdir -p /srv/v-www/cgi-bin /srv/v-read; echo volume > /srv/v-read/file
      printf '%s' "$1" > /srv/v-www/cgi-bin/sh; chmod 755 /srv/v-www/cgi-bin/sh`,
      SHELL,
    );
    before = await inventory();
    const { kernel, initrd } = Lab.guest();
    deployment = new Deployment('virtual-machine', (host) => {
      const common = { kernel, initrd, memory: '128M' } as const;
      const database = new VirtualMachine(host, 'v-database', {
        ...common,
        health: { tcp: 80, timeout: '3min' },
        image: Image.ociArchive(images().ociArchive),
        expose: [80],
        stopTimeout: '30s',
      });
      new VirtualMachine(host, 'v-web', {
        ...common,
        health: { http: 'http://localhost/cgi-bin/sh', timeout: '3min' },
        ports: ['8310:80'],
        volumes: ['/srv/v-www:/www', '/srv/v-read:/mnt/read:ro'],
        environment: { GREETING: `hello, it's \\$HOME;%h`, EMPTY: '' },
        reaches: [database],
        cpu: 1.5,
        stopTimeout: '3s',
      });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
    await lab.sh('rm -r --one-file-system /srv/v-www /srv/v-read');
  });

  const guest = (script: string) =>
    lab.sh(
      'printf %s "$1" | curl --silent --show-error --max-time 30 --data-binary @- http://127.0.0.1:8310/cgi-bin/sh',
      script,
    );
  const property = async (name: string, unit = 'v-web') =>
    (await lab.sh('systemctl show -P "$1" "$2"', name, unit)).trim();

  test('is there, and then there is nothing to do', async () => {
    expect(await deployment.differences()).toEqual([]);
  });

  test('is one of those that machinectl lists, with its unit and its link', async () => {
    expect(await lab.sh("machinectl list --no-legend | awk '/^v-/{print $1, $2, $3}'")).toBe(
      'v-database vm bulkhead\nv-web vm bulkhead\n',
    );
    const status = await lab.sh('machinectl status --no-pager v-web');
    expect(status).toContain('class vm');
    expect(status).toContain('Iface: bh-v-web');
    expect(status).toContain('Unit: v-web.service');
  });

  test('says whether the host runs or emulates it', async () => {
    expect(await property('StatusText')).toMatch(/^(?:Runs by KVM|Emulated by TCG, many times slower than KVM: .+)$/);
  });

  test('has the name, the variables and the CPUs that its props say', async () => {
    const said = await guest('hostname; printf "%s|%s\\n" "$GREETING" "$EMPTY"; grep -c ^processor /proc/cpuinfo');
    expect(said).toBe("v-web\nhello, it's \\$HOME;%h|\n2\n");
  });

  test('has no more memory than its props say, and no more of the processors', async () => {
    const [total = ''] = /\d+/.exec(await guest('grep ^MemTotal /proc/meminfo')) ?? [];
    expect(Number(total)).toBeLessThan(128 * 1024);
    expect(await guest('dd if=/dev/zero of=/dev/null bs=300M count=1 >/dev/null 2>&1; echo $?')).not.toBe('0\n');
    expect(await property('MemoryMax')).toBe(String((128 + 384) * 2 ** 20));
    expect(await property('CPUQuotaPerSecUSec')).toMatch(/^1\.50*s$/);
  });

  test('has its volumes, of which it writes to the one that is not read-only', async () => {
    expect(await guest('cat /mnt/read/file; echo mine > /www/made; touch /mnt/read/made; echo $?')).toMatch(
      /^volume\n.*Read-only file system\n1\n$/,
    );
    expect(await lab.sh('cat /srv/v-www/made; rm /srv/v-www/made; ls /srv/v-read')).toBe('mine\nfile\n');
  });

  test('makes no program there that runs as root on the host, and no device', async () => {
    const made = await guest('cd /www; cp /bin/busybox x && chmod 4755 x; mknod y c 1 3; ls -l x y; rm -f x y');
    expect(made).toMatch(/chmod: x: Operation not permitted/);
    expect(made).toMatch(/mknod: y: Operation not permitted/);
    expect(made).toMatch(/^-rwxr-xr-x .* x$/m);
  });

  test('reaches by name whom it may, over both versions of IP, and nobody else', async () => {
    const ask = 'wget -q -T 5 -O - http://v-database/';
    expect(await guest(`${ask}; grep -c v-database /etc/hosts`)).toBe('<h1>It works</h1>\n2\n');
    const { address = '' } = /^(?<address>fd\S+) v-database$/m.exec(await guest('cat /etc/hosts'))?.groups ?? {};
    expect(await guest(`wget -q -T 5 -O - "http://[${address}]/"`)).toBe('<h1>It works</h1>\n');
    expect(await guest('nc -w 5 169.254.1.1 22 </dev/null; echo $?')).toMatch(/refused.*\n1\n$/);
  });

  test('is refused when its root takes another address', async () => {
    const forge = `
      own=$(ip -o -4 address show dev eth0 | awk '{print $4}')
      ip address add 10.64.0.77/32 dev eth0
      ip route replace default via 169.254.1.2 src 10.64.0.77
      wget -q -T 3 -O - http://v-database/ || echo refused
      ip route replace default via 169.254.1.2 src "\${own%/*}"
      ip address delete 10.64.0.77/32 dev eth0
      wget -q -T 5 -O - http://v-database/`;
    expect(await guest(forge)).toMatch(/refused\n<h1>It works<\/h1>\n$/);
  });

  test('runs as a user of its own without rights, which sees nothing but its network', async () => {
    const pid = await property('MainPID');
    const status = await lab.sh('cat "/proc/$1/status"', pid);
    const [, uid = '0'] = /^Uid:\t(\d+)/m.exec(status) ?? [];
    expect(Number(uid)).toBeGreaterThan(60_000);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    const links = await lab.sh('nsenter --net --target "$1" ip -br link | cut -d " " -f 1 | sort', pid);
    expect(links).toBe(`eth0@if${(await lab.sh('cat /sys/class/net/bh-v-web/ifindex')).trim()}\nlo\ntap0\n`);
    expect(await lab.sh('stat -c %a /etc/bulkhead/vm/v-web/command-line /run/bulkhead-vm/v-web')).toBe('600\n700\n');
  });

  test('reboots by itself, under the same unit', async () => {
    const invocation = await property('InvocationID');
    const { boot = '' } = {
      boot: await guest('cat /proc/sys/kernel/random/boot_id; (sleep 0.2; reboot -f) >/dev/null 2>&1 &'),
    };
    await lab.sh(
      `late=$(($(date +%s) + 180))
      while [ "$(date +%s)" -lt "$late" ]; do
        now=$(echo 'cat /proc/sys/kernel/random/boot_id' |
          curl --silent --max-time 10 --data-binary @- http://127.0.0.1:8310/cgi-bin/sh) && [ "$now" ] && [ "$now" != "$1" ] && exit
        sleep 0.2
      done
      echo "still $now"; journalctl -q -o cat -n 20 -u v-web -u v-web-volume0 -u v-web-volume1; exit 1`,
      boot.trim(),
    );
    expect(await property('InvocationID')).toBe(invocation);
  });

  test.each([
    ['qemu was killed', 'kill -KILL "$1"'],
    ['what serves a volume was killed', 'systemctl kill -s KILL v-web-volume0'],
    [
      'its kernel has panicked',
      "echo 'echo c > /proc/sysrq-trigger' | curl -s -m 5 --data-binary @- http://127.0.0.1:8310/cgi-bin/sh || :",
    ],
  ])('starts again after %s', async (_, script) => {
    const pid = await property('MainPID');
    await lab.sh(script, pid);
    await lab.sh(
      `for try in $(seq 600); do
        [ "$(systemctl show -P MainPID v-web)" = "$1" ] || ! systemctl -q is-active v-web || exit 0
        sleep 0.1
      done; systemctl status v-web; exit 1`,
      pid,
    );
    expect(await guest('echo again')).toBe('again\n');
    expect(await lab.sh('machinectl show -P Leader v-web')).toBe(`${await property('MainPID')}\n`);
    expect(await deployment.differences()).toEqual([]);
  });

  test('is repaired after machinectl has terminated it', async () => {
    await lab.sh(
      `machinectl terminate v-web
      for try in $(seq 300); do case $(systemctl show -P ActiveState v-web) in active | deactivating) sleep 0.1 ;; *) exit 0 ;; esac; done; exit 1`,
    );
    expect(await deployment.differences()).toEqual([
      expect.stringMatching(/^start v-web.service: (?:is inactive|has failed)/),
    ]);
    await deployment.apply();
    expect(await guest('echo again')).toBe('again\n');
    expect(await deployment.differences()).toEqual([]);
  });

  test('powers off when it is stopped, and what its guest wrote to the disk of its image is gone', async () => {
    await lab.sh('systemctl stop v-database; journalctl --sync');
    expect(await property('Result', 'v-database')).toBe('success');
    expect(await lab.sh('journalctl -u v-database -o cat --no-pager -n 6')).toContain('reboot: Power down');
    expect(await lab.sh('ls -A /var/lib/bulkhead-vm/v-database; machinectl list --no-legend')).not.toMatch(
      /disk|v-database/,
    );
  });

  test('is switched off when it does not heed the power button in time', async () => {
    await guest('killall head');
    const began = Date.now();
    await lab.sh('systemctl stop v-web; journalctl --sync');
    expect(Date.now() - began).toBeGreaterThan(2000);
    expect(await property('Result')).toBe('success');
    expect(await lab.sh('journalctl -u v-web -o cat --no-pager -n 6')).not.toContain('Power down');
  });
});
