import { type ContainerSection, raw } from '../../lib/directives';
import { writeQuadlet } from './support/read-write';

function container(section: ContainerSection): string {
  return writeQuadlet({ Container: section }).split('\n').slice(1, -1).join(' ');
}

describe('writeQuadlet()', () => {
  test('writes [Unit] first, [Service] and [Install] last, these by the rules of units', () => {
    const text = writeQuadlet({
      Service: { RemainAfterExit: true, Environment: { A: '$x' } },
      Container: { Image: 'localhost/x', ReadOnly: true },
      Install: { WantedBy: 'default.target' },
      Unit: { After: 'a.service' },
    });
    expect(text).toBe(
      '[Unit]\nAfter=a.service\n\n[Container]\nImage=localhost/x\nReadOnly=true\n\n' +
        '[Service]\nRemainAfterExit=yes\nEnvironment=A=$x\n\n[Install]\nWantedBy=default.target\n',
    );
  });

  test.each<[ContainerSection, string]>([
    [{ Exec: ['a', 'b c', '$x', '100%'] }, 'Exec=a "b c" $$x 100%%'],
    [{ Environment: { A: '"\n' } }, 'Environment="A=\\"\\n"'],
    [{ Label: { 'a.b/c': 'x y', d: 'z' } }, 'Label="a.b/c=x y" Label=d=z'],
    [{ HealthCmd: 'curl "$x" || exit 1' }, 'HealthCmd=curl "$$x" || exit 1'],
    [{ Volume: ['/a b:/c', '/d:/e:ro'] }, 'Volume=/a b:/c Volume=/d:/e:ro'],
    [{ PublishPort: [8080, '127.0.0.1:80:80/tcp'] }, 'PublishPort=8080 PublishPort=127.0.0.1:80:80/tcp'],
    [{ Sysctl: { 'net.x': `1 "2" '3' \\` } }, `Sysctl="net.x=1 "'"'"2"'"'" '3' \\"`],
    [{ AddCapability: ['CAP_CHOWN', 'CAP_KILL'] }, 'AddCapability=CAP_CHOWN CAP_KILL'],
    [{ PodmanArgs: ['--a', 'b c'] }, 'PodmanArgs=--a "b c"'],
    [{ PodmanArgs: ['--a', raw('--b=%n'), raw('"c'), '--d'] }, 'PodmanArgs=--a --b=%n PodmanArgs="c PodmanArgs=--d'],
    [{ ServiceName: 'a%b$c' }, 'ServiceName=a%b$c'],
    [{ EnvironmentFile: ['/a b', '/c'] }, 'EnvironmentFile="/a b" EnvironmentFile=/c'],
    [{ HealthCmd: 'echo "hi"' }, 'HealthCmd=echo "hi"'],
    [{ HealthCmd: '"a" "b"' }, 'HealthCmd=""a" "b""'],
    [{ Entrypoint: '' }, 'Entrypoint='],
    [{ Notify: 'healthy' }, 'Notify=healthy'],
    [{ Notify: true }, 'Notify=true'],
  ])('writes %j', (section, lines) => {
    expect(container(section)).toBe(lines);
  });

  test.each<[ContainerSection, string]>([
    [{ Exec: ['a', '', 'b'] }, 'is empty, and Quadlet ends the list there'],
    [{ Exec: ['a', ';', 'b'] }, 'splits the command in two'],
    [{ HostName: ';' }, 'splits the command in two'],
    [{ HealthCmd: 'a\\\\' }, 'ends with a backslash'],
    [{ HostName: 'a\u00a0' }, 'ends with a blank'],
    [{ Environment: { A: 'a\r\nb' } }, 'has CR and LF, which podman does not pass to the process'],
    [{ Volume: '/a:/b\nExec=x' }, 'has a line break'],
  ])('refuses %j, which some Quadlet loses or misreads: it %s', (section, problem) => {
    expect(() => container(section)).toThrow(problem);
  });

  test('reads lines as Quadlet does in the sections of units too', () => {
    expect(() => writeQuadlet({ Unit: { Description: 'a\\\\' } })).toThrow('ends with a backslash');
    expect(() => writeQuadlet({ Service: { SyslogIdentifier: '\u2003a' } })).toThrow('begins with a blank');
  });
});
