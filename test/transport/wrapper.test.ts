import { parseEnd, parseStart } from '../../lib/transport/wrapper';

describe("the wrapper's reports", () => {
  test('are not there before the line is complete', () => {
    expect(parseStart('id-1', Buffer.from('welcome\nid-1 12'))).toBeUndefined();
    expect(parseEnd('id-1', Buffer.from('id-1 12\nerror\n'))).toBeUndefined();
  });

  test('are taken out of the output', () => {
    expect(parseStart('id-1', Buffer.from('welcome id-1 123\nout'))).toEqual({
      group: '123',
      rest: Buffer.from('out'),
    });
    expect(parseEnd('id-1', Buffer.from('hm id-1 123\nerror, no newline: id-1 255\nfrom the background\n'))).toEqual({
      exitCode: 255,
      stderr: 'error, no newline: from the background\n',
    });
  });

  test('are the last that look like one', () => {
    expect(parseEnd('id-1', Buffer.from('id-1 123\nid-1 7\nid-1 0\n'))).toEqual({ exitCode: 0, stderr: 'id-1 7\n' });
  });
});
