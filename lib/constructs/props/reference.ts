import { IMAGE_REFERENCE } from '../../manifest/patterns';
import { Token } from '../cdktf';
import { fail } from '../problem';

/** Registry and repository of a full reference. */
const FULL = /^(?:[^/\s]*[.:][^/\s]*|localhost)\/\S+$/;

/**
 * Checks the reference of an image. A reference without a registry can mean a different image on each host. @throws
 * Error
 */
export function checkReference(reference: unknown, at: string): string {
  const isText = typeof reference === 'string';
  if (isText && (Token.isUnresolved(reference) || FULL.test(reference))) return reference;
  return fail({
    action: 'run image',
    value: reference,
    problem: isText ? 'names no registry' : 'is not an image',
    expected: 'a full reference such as "docker.io/library/caddy:2"',
    at,
  });
}

/**
 * Returns the reference of an image with a tag or a digest, as the host needs it. When a reference has both, only the
 * digest counts. @throws Error
 */
export function exactReference(image: unknown, at: string): string {
  const reference = String(image).replace(/:[\w.-]+(?=@)/, '');
  if (FULL.test(reference) && IMAGE_REFERENCE.pattern.test(reference)) return reference;
  const expected = 'a full reference with its tag or digest, such as "docker.io/library/caddy:2"';
  return fail({ action: 'run image', value: image, problem: 'is not a full reference', expected, at });
}
