import { IMAGE_REFERENCE } from '../../manifest/patterns';
import { Token } from '../cdktf';
import { fail } from '../problem';

/** A registry, and what it has. */
const FULL = /^(?:[^/\s]*[.:][^/\s]*|localhost)\/\S+$/;

/** Checks the reference of an image. A name without a registry means something else on each host. @throws Error */
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
 * The reference of an image of which the host must know what it is: with a tag, or a digest, which alone counts where
 * there are both. @throws Error
 */
export function exactReference(image: unknown, at: string): string {
  const reference = String(image).replace(/:[\w.-]+(?=@)/, '');
  if (FULL.test(reference) && IMAGE_REFERENCE.pattern.test(reference)) return reference;
  const expected = 'a full reference with its tag or digest, such as "docker.io/library/caddy:2"';
  return fail({ action: 'run image', value: image, problem: 'is not a full reference', expected, at });
}
