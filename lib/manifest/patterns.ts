/** Names of services. */
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Names of users that useradd(8) accepts. */
export const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Absolute paths in canonical form. */
export const ABSOLUTE_PATH = {
  pattern: /^\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\0\n\p{Surrogate}]*[^/\0\n\p{Surrogate}]$/su,
  expected: 'an absolute path without ".", ".." and line breaks',
} as const;

/**
 * Directory of the build contexts of root's services. Only root can open it: the files have their modes in the image,
 * and some of them are readable by everybody.
 */
export const BUILDS_DIR = '/var/lib/bulkhead-builds';

const IMAGE_PATH = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';

/** References of images with a tag or a digest, as docker and skopeo(1) accept them. */
export const IMAGE_REFERENCE = {
  pattern: new RegExp(
    `^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\\d+)?/)?${IMAGE_PATH}(?:/${IMAGE_PATH})*(?::\\w[\\w.-]*|@sha256:[0-9a-f]{64})$`,
  ),
  expected: 'a reference with its tag or digest',
} as const;
