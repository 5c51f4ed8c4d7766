import { assignments, readAtStart } from '../../lib/manifest';

const texts = (text: string) => assignments(text).map(({ section, key, value }) => `${section}.${key}=${value}`);

test('assignments are read as systemd reads them', () => {
  expect(texts('A=0\n[Unit]\n# x=y\n ; x=y\n  B = 1 \nC=\nno assignment\n[Service]\nD=a=b')).toEqual([
    '.A=0',
    'Unit.B=1',
    'Unit.C=',
    'Service.D=a=b',
  ]);
});

test('a backslash at the end of a line goes on with the next, two of them and one before a blank do not', () => {
  expect(texts('[S]\nA=1 \\\n# x\n  2 \\\n3\nB=\\\\\nC=\\ \nD=4\\')).toEqual([
    'S.A=1  2  3',
    'S.B=\\\\',
    'S.C=\\',
    'S.D=4',
  ]);
});

test('what a daemon-reload makes effective is not read at a start, and anything else is', () => {
  const path = '/etc/systemd/system/web.service';
  const read = (text: string) => JSON.parse(readAtStart(path, text)).map(([, key]: string[]) => key);
  expect(
    read('[Unit]\nDescription=x\nAfter=y\nWants=y\n[Service]\nRestart=no\nMemoryMax=1M\n[Install]\nAlias=z'),
  ).toEqual(['Wants', 'MemoryMax']);
  expect(read('[Container]\nDescription=x\nRestart=x\n[Unit]\nExecStart=y')).toEqual([
    'Description',
    'Restart',
    'ExecStart',
  ]);
});

test('of a file that no unit is made of, everything is read', () => {
  const text = '# [Unit]\nDescription=x\n';
  expect(readAtStart('/etc/app/web.service', text)).toBe(text);
  expect(readAtStart('/etc/systemd/system/web.conf', text)).toBe(text);
});
