import type { ObjectPart } from '../manifest';
import type { HostFacts } from './state';

/**
 * Architectures, in the words of images, whose programs run on a processor, as uname(1) names it. The first is the
 * processor's own.
 */
export const RUNS: Readonly<Record<string, readonly string[]>> = {
  aarch64: ['arm64', 'arm'],
  armv6l: ['arm'],
  armv7l: ['arm'],
  armv8l: ['arm'],
  i686: ['386'],
  loongarch64: ['loong64'],
  ppc64le: ['ppc64le'],
  riscv64: ['riscv64'],
  s390x: ['s390x'],
  x86_64: ['amd64', '386'],
};

/**
 * Why the programs in an object can't run on a host: they are for another processor. Undefined when the processor or
 * the architecture is not known.
 */
export function architectureProblem(
  { spec = {} }: ObjectPart,
  { machine }: HostFacts,
): { readonly problem: string; readonly advice: string } | undefined {
  const runs = RUNS[machine];
  if (spec.architecture === undefined || !runs || runs.includes(spec.architecture)) return undefined;
  return {
    problem: `its programs are for ${spec.architecture}, and the host is ${machine}, expected ${runs.join(' or ')}`,
    advice: `build or pull it for linux/${runs[0]}`,
  };
}
