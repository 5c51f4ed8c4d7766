import { sourcesIn } from '../../lib/images/debian-tar';

it('takes each archive of the suite from where the machine gets its own', () => {
  const targets = `Debian\thttp://mirror.example/debian/
Debian\thttp://mirror.example/debian/
Debian-Security\thttp://security.example/debian-security/
`;
  expect(sourcesIn(targets, 'trixie')).toEqual([
    'deb http://mirror.example/debian trixie main',
    'deb http://mirror.example/debian trixie-updates main',
    'deb http://security.example/debian-security trixie-security main',
  ]);
});

it('does without security updates where the machine has none', () => {
  expect(sourcesIn('Debian\tfile:/srv/debian/\n', 'trixie')).toEqual([
    'deb file:/srv/debian trixie main',
    'deb file:/srv/debian trixie-updates main',
  ]);
});

it('finds nothing before the indexes were downloaded, or where only other archives are known', () => {
  expect(sourcesIn('', 'trixie')).toEqual([]);
  expect(sourcesIn('Debian Backports\thttp://mirror.example/debian/\n', 'trixie')).toEqual([]);
});
