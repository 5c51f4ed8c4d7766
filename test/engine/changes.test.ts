import { changesOf } from '../../lib/engine/changes';

const before = `# by hand
[Container]
Image=caddy:2
Environment=LOG=info
Environment=A=1
PublishPort=80:80

[Service]
ExecStart=/bin/web \\
# a comment in between
  --quiet
`;

const cases: [what: string, after: string, changes: readonly object[]][] = [
  [
    'comments, blanks and order',
    before
      .replace(/^#.*\n/, '; x\n\n')
      .replace('Image=caddy:2\n', '')
      .replace('PublishPort=80:80', 'PublishPort = 80:80\nImage=caddy:2'),
    [],
  ],
  ['a value', before.replace('caddy:2', 'caddy:3'), [{ key: 'Container.Image', before: 'caddy:2', after: 'caddy:3' }]],
  [
    'one of several variables, another of which goes',
    before.replace('LOG=info', 'A=2').replace('Environment=A=1\n', ''),
    [
      { key: 'Container.Environment', before: 'A=1', after: 'A=2' },
      { key: 'Container.Environment', before: 'LOG=info' },
    ],
  ],
  ['a new key', `${before}Nice=5\n`, [{ key: 'Service.Nice', after: '5' }]],
  ['a key that goes', before.replace('PublishPort=80:80\n', ''), [{ key: 'Container.PublishPort', before: '80:80' }]],
  [
    'another section',
    before.replace('[Container]', '[Pod]').replace(/Image.*\n.*\n.*\n/, ''),
    [
      { key: 'Container.Image', before: 'caddy:2' },
      { key: 'Container.Environment', before: 'LOG=info' },
      { key: 'Container.Environment', before: 'A=1' },
      { key: 'Container.PublishPort', before: '80:80' },
      { key: 'Pod.PublishPort', after: '80:80' },
    ],
  ],
  [
    'a value of several lines',
    before.replace('--quiet', '--loud'),
    [{ key: 'Service.ExecStart', before: '/bin/web  --quiet', after: '/bin/web  --loud' }],
  ],
];

test.each(cases)('%s', (_, after, changes) => {
  expect(changesOf(before, after)).toEqual(changes);
});
