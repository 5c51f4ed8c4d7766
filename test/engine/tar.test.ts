import { buffer } from 'node:stream/consumers';
import { readTar, tarOf } from '../../lib/engine/tar';

test('what is written is read again: any bytes, any name, any length', async () => {
  const files = [
    { path: 'etc/empty', content: '', mode: '0600', owner: 'root', group: 'adm' },
    { path: `etc/${'long'.repeat(60)}`, content: 'x'.repeat(512), mode: '4755', owner: 'www-data', group: 'www-data' },
    { path: 'etc/ünïcode "quoted" \\n', content: 'a\0b\nüñ', mode: '0644', owner: 'root', group: 'root' },
  ];
  const entries = readTar(await buffer((await tarOf(files)).open()));
  expect(entries.map(({ content, ...rest }) => ({ ...rest, content: content?.toString() }))).toEqual(
    files.map((file) => ({ ...file, type: 'file' })),
  );
});
