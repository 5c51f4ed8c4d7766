import { packageNames } from '../../lib/lab/extra-packages';

it('sorts the names of packages and drops repeated ones', () => {
  expect(packageNames(['postgresql', 'nginx', 'g++', 'nginx', 'libc6'])).toEqual([
    'g++',
    'libc6',
    'nginx',
    'postgresql',
  ]);
});

it.each(['', 'n', 'Nginx', '--reinstall', 'nginx postgresql', 'nginx=1.0', 'nginx/sid', './a.deb', 'a,b', '$(id)'])(
  'refuses %j as the name of a package',
  (name) => {
    expect(() => packageNames(['nginx', name])).toThrow(
      `Cannot add the package ${JSON.stringify(name)}: expected the name of a Debian package, such as "nginx"`,
    );
  },
);
