import { VirtualMachine } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

const DISK = '/srv/v-boot.raw';
const SAID = 'the boot loader of the disk runs';

/** The first sector of a disk. Its program writes a text to the serial port, and halts. */
function bootSector(text: string): Buffer {
  const program = Buffer.from([
    ...[0x31, 0xc0], // xor ax, ax
    ...[0x8e, 0xd8], // mov ds, ax
    ...[0xbe, 0x15, 0x7c], // mov si, the text, which follows the program
    ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
    0xac, // next: lodsb
    ...[0x84, 0xc0], // test al, al
    ...[0x74, 0x03], // jz halt
    0xee, // out dx, al
    ...[0xeb, 0xf8], // jmp next
    0xf4, // halt: hlt
    ...[0xeb, 0xfd], // jmp halt
  ]);
  const sector = Buffer.alloc(512);
  Buffer.concat([program, Buffer.from(`${text}\n`)]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

describeHost('a virtual machine without a kernel', () => {
  test('boots from its disk, which stays when it is destroyed', async () => {
    await lab.run(['sh', '-c', `cat > ${DISK}; truncate -s 1M ${DISK}`], bootSector(SAID));
    const before = await inventory();
    const deployment = new Deployment('virtual-machine-disk', (host) => {
      new VirtualMachine(host, 'v-boot', { disk: { path: DISK, format: 'raw' }, memory: '64M', stopTimeout: '1s' });
    });
    try {
      await deployment.apply();
      expect(await deployment.differences()).toEqual([]);
      expect(await lab.sh('machinectl show -P Unit v-boot')).toBe('v-boot.service\n');
      const said = 'for i in $(seq 60); do journalctl -q -u v-boot -o cat | grep -xF "$1" && exit; sleep 0.5; done';
      expect((await lab.sh(said, SAID)).trim()).toBe(SAID);
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
    expect(await inventory()).toBe(before);
    await lab.sh(`rm ${DISK}`);
  });
});
