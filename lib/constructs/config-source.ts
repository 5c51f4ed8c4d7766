import { Token } from './cdktf';
import { fail } from './problem';
import { Service } from './service';

/** What services read on their host: as the source of a volume, or by its path. */
export abstract class ConfigSource extends Service {
  /** Absolute path on the host. */
  abstract readonly path: string;
  readonly unitName = undefined;

  /** What a unit that reads it must restart on: a text that differs when the content does. */
  abstract get fingerprint(): string;
}

/** Checks the path on the host of something that a service reads there. @throws Error */
export function checkPath(path: string, action: string, at: string): string {
  if (
    typeof path === 'string' &&
    !Token.isUnresolved(path) &&
    /^\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\0\n\p{Surrogate}]*[^/\0\n\p{Surrogate}]$/su.test(path)
  )
    return path;
  return fail({
    action,
    value: path,
    problem: 'is no path of a file',
    expected: 'an absolute one, known at synthesis, without ".", ".." and line breaks',
    at: `${at}.path`,
  });
}
