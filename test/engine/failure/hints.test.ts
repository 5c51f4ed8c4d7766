import { hintFor, lineThatMatters } from '../../../lib/engine/failure/hints';

const failure = (text: string, status?: string, runtime = 'systemd', result = 'exit-code') => ({
  runtime,
  result,
  attempt: {
    own: [text],
    end: status === undefined ? undefined : { code: 'exited', status },
    notExecuted: undefined,
  },
});

test.each<[string, ReturnType<typeof failure>, RegExp | undefined]>([
  ['a system call', failure('', 'SYS'), /SystemCallFilter/],
  ['a program of another processor', failure('exec /bin/app: Exec format error', '203'), /another processor/],
  ['a port of Node.js', failure('Error: listen EACCES: permission denied 0.0.0.0:80'), /`ports`/],
  ['a port of Go', failure('listen tcp :80: bind: permission denied'), /`ports`/],
  ['a port that is taken', failure('Error: listen EADDRINUSE: address already in use :::3000'), /ss -lntup/],
  ['code at run time in Node.js', failure('', 'TRAP'), /jit/],
  ['code at run time in Java', failure("os::commit_memory failed; error='Operation not permitted'"), /jit/],
  ['code at run time elsewhere', failure('', 'TRAP', 'podman'), undefined],
  [
    'an address family',
    failure('OSError: [Errno 97] Address family not supported by protocol'),
    /RestrictAddressFamilies/,
  ],
  ['a read-only file system', failure("EROFS: read-only file system, open '/app/x'"), /stateDirectory/],
  ['memory', failure('', 'KILL', 'podman', 'oom-kill'), /raise `memory`/],
  ['a kill from outside', failure('', 'KILL', 'podman'), /journalctl -k/],
  ['a path unit that can not watch', failure('', undefined, 'systemd', 'resources'), /max_user_instances/],
  ['a bug of its own', failure('TypeError: x is not a function', '1'), undefined],
])('%s', (_name, given, hint) => {
  if (hint) expect(hintFor(given)).toMatch(hint);
  else expect(hintFor(given)).toBeUndefined();
});

test('the line that matters is the one that says why', () => {
  const lineOf = (...own: readonly string[]) => lineThatMatters({ own, notExecuted: undefined });
  expect(lineOf('starting', 'Error: connect ECONNREFUSED', '    at x.js:1', 'Node.js v20')).toBe(
    'Error: connect ECONNREFUSED',
  );
  expect(lineOf('nginx: [emerg] unknown directive "x"', 'nginx: configuration file /x test failed')).toBe(
    'nginx: [emerg] unknown directive "x"',
  );
  expect(lineOf('Not healthy within 60 s. Last probe: exit code 1', '[ERROR] Worker was sent SIGTERM!')).toBe(
    'Not healthy within 60 s. Last probe: exit code 1',
  );
  expect(lineOf('loading', 'cannot open /x', 'bye')).toBe('cannot open /x');
  expect(lineOf('one', 'two', '')).toBe('two');
  expect(lineOf()).toBeUndefined();
  expect(lineThatMatters({ own: ['x'], notExecuted: 'web.service: Failed at step EXEC' })).toBe('Failed at step EXEC');
});
