import { Token } from '../cdktf';
import { fail } from '../problem';
import type { Environment } from '../props/environment';

/** Variables of a container, by the way they reach it. */
export interface ContainerEnvironment {
  /** Lines of the container's config. */
  readonly lines: readonly string[];
  /** Variables that the container inherits from its unit. */
  readonly inherited: Environment;
}

/** Variables that would change how lxc-start itself runs. */
const OF_LXC = /^(?:PATH$|LD_|LXC_|GLIBC_|GCONV_|LOCPATH$|MALLOC_|OPENSSL_)/;

/**
 * The variables of a container. A line of the config can hold everything except a line break. A value that has a line
 * break, or may have one, comes from the unit.
 * @param ofImage Variables from the image. They must not reach a program of the host.
 * @throws Error
 */
export function containerEnvironment(variables: Environment, ofImage: Environment, at: string): ContainerEnvironment {
  const lines: string[] = [];
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    const fromHere = ofImage[name] !== value && !OF_LXC.test(name);
    const broken = /[\n\r]/.test(value);
    if (broken && !fromHere) refuse(name, value, at);
    if (fromHere && (broken || Token.isUnresolved(value))) inherited[name] = value;
    else lines.push(`${name}=${value}`);
  }
  return { lines, inherited };
}

function refuse(name: string, value: string, at: string): never {
  return fail({
    action: `set variable ${name} to`,
    value,
    problem: "has a line break, which LXC's config can't express",
    expected: 'one line',
    at: `${at}.environment.${name}`,
  });
}
