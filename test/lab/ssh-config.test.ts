import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownHost, sshConfig } from '../../lib/lab/ssh-config';

describe('sshConfig', () => {
  const directory = mkdtempSync(join(tmpdir(), 'with space-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is what ssh reads it as, also where a path has a space', () => {
    const file = join(directory, 'ssh_config');
    const target = {
      address: '10.99.0.2',
      identityFile: join(directory, 'id'),
      knownHostsFile: join(directory, 'known'),
    };
    writeFileSync(file, sshConfig(target));
    const settings = execFileSync('ssh', ['-G', '-F', file, 'lab'], { encoding: 'utf8', stdio: 'pipe' }).split('\n');
    expect(settings).toEqual(
      expect.arrayContaining([
        'hostname 10.99.0.2',
        'user root',
        'port 22',
        `identityfile ${join(directory, 'id')}`,
        `userknownhostsfile ${join(directory, 'known')}`,
        'stricthostkeychecking true',
      ]),
    );
  });
});

it('knows a host by its key alone, without the comment', () => {
  expect(knownHost('10.99.0.2', 'ssh-ed25519 AAAA lab default\n')).toBe('10.99.0.2 ssh-ed25519 AAAA\n');
});
