import { NO_CONFIG } from '../../archives/image-config';
import { fail } from '../problem';
import { Image } from './image';
import { accountsIn, imageFile } from './image-file';
import type { ImageConfig } from './oci-archive';

/** The image of a container. */
export interface ContainerImage {
  readonly image: Image;
  /** How to run the image. Empty when the host pulls the image, or when the image has files only. */
  readonly config: ImageConfig;
}

/** @throws Error for a value that is not an image, and for an image that can't be read */
export function containerImage(image: unknown, at: string): ContainerImage {
  const checked = Image.check(image, ['oci', 'oci-archive', 'tar', 'directory', 'debian'], at);
  const config = checked.format === 'oci-archive' ? imageFile(checked, at).read?.config : undefined;
  return { image: checked, config: config ?? NO_CONFIG };
}

/** A user as numbers. */
export interface UserNumbers {
  readonly uid: number;
  readonly gid: number;
  /** Numbers of the further groups that the user is a member of. */
  readonly additionalGids?: readonly number[];
}

/**
 * The user that runs in a container, as numbers; undefined where only the host knows it, once it has pulled the image.
 * @param config What the image says, where it is known.
 * @throws Error for a name that the image does not have
 */
export function userIfKnown(
  image: unknown,
  config: Pick<ImageConfig, 'user'> | undefined,
  user: string | undefined,
  at: string,
): UserNumbers | undefined {
  const named = user ?? (config && (config.user ?? '0'));
  if (named === undefined) return undefined;
  if (image instanceof Image && image.format !== 'oci') return userIn({ image, config: NO_CONFIG }, named, at);
  return inNumbers(named);
}

const NUMBER = /^\d{1,10}$/;

/** A user that is given as numbers; undefined for any other. A number without a group has the group of that number. */
function inNumbers(user: string): UserNumbers | undefined {
  const [, name, group = name] = /^(root|\d{1,10})(?::(root|\d{1,10}))?$/.exec(user) ?? [];
  return name === undefined || group === undefined ? undefined : { uid: numberOf(name), gid: numberOf(group) };
}

/**
 * Resolves the user that an image or a prop names to numbers. A user name is looked up in the image's own passwd(5),
 * and its groups in group(5). A number without a group gets the group of the same number.
 * @throws Error for a name that the image does not have, and for any name in an image that the host has yet to pull
 */
export function userIn({ image }: ContainerImage, user: string, at: string): UserNumbers {
  const [name = '', group, ...more] = String(user).split(':');
  const isNumber = (text: string | undefined) => text === undefined || text === 'root' || NUMBER.test(text);
  const reject = (problem: string, expected: string) => fail({ action: 'run as', value: user, problem, expected, at });
  if (name === '' || more.length > 0)
    return reject('is not a user', '"1000", "1000:1000", "www-data" or "www-data:www-data"');
  const numbers = inNumbers(user);
  if (numbers) return numbers;
  if (image.format === 'oci')
    return reject('names are not known until the host has pulled the image', 'numbers such as "1000" or "1000:1000"');
  const { passwd, group: groups } = accountsIn(image, at);
  const account = linesOf(passwd).find(([known]) => known === name);
  const uid = isNumber(name) ? name : account?.[2];
  if (uid === undefined || (!NUMBER.test(uid) && uid !== 'root'))
    return reject(`the image has no user "${name}"`, usersIn(passwd));
  if (group === undefined) {
    const gid = account?.[3] ?? '';
    if (!NUMBER.test(gid)) return reject(`user "${name}" has no group in the image`, 'a group after ":"');
    const members = linesOf(groups).filter(
      ([, , id = '', list = '']) => NUMBER.test(id) && list.split(',').includes(name),
    );
    const additionalGids = members.map(([, , id]) => Number(id)).filter((id) => id !== Number(gid));
    return { uid: numberOf(uid), gid: Number(gid), ...(additionalGids.length > 0 ? { additionalGids } : {}) };
  }
  const gid = isNumber(group) ? group : linesOf(groups).find(([known]) => known === group)?.[2];
  if (gid === undefined || !isNumber(gid)) return reject(`the image has no group "${group}"`, usersIn(groups));
  return { uid: numberOf(uid), gid: numberOf(gid) };
}

/**
 * Resolves further groups to numbers. A name is looked up in the image's own group(5).
 * @throws Error for a name that the image does not have, and for any name in an image that the host has yet to pull
 */
export function groupsIn({ image }: ContainerImage, groups: readonly string[], at: string): number[] {
  return groups.map((group, index) => {
    if (group === 'root' || NUMBER.test(group)) return numberOf(group);
    const isPulled = image.format === 'oci';
    const lines = isPulled ? [] : linesOf(accountsIn(image, at).group);
    const gid = lines.find(([known]) => known === group)?.[2];
    if (gid !== undefined && NUMBER.test(gid)) return Number(gid);
    return fail({
      action: 'add to group',
      value: group,
      problem: isPulled ? 'names are not known until the host has pulled the image' : 'the image has no such group',
      expected: 'a number such as "27"',
      at: `${at}[${index}]`,
    });
  });
}

/** A user with further groups. */
export function withGroups(user: UserNumbers, groups: readonly number[]): UserNumbers {
  if (groups.length === 0) return user;
  return { ...user, additionalGids: [...new Set([...(user.additionalGids ?? []), ...groups])] };
}

const numberOf = (text: string) => (text === 'root' ? 0 : Number(text));

const linesOf = (file = '') => file.split('\n').map((line) => line.split(':'));

/** The first user or group names of a file, to suggest to somebody who mistyped a name. */
function usersIn(file: string | undefined): string {
  const names = linesOf(file).flatMap(([name]) => name || []);
  return names.length === 0
    ? 'numbers such as "1000" or "1000:1000"'
    : `a number, or one of ${names.slice(0, 30).join(', ')}`;
}
