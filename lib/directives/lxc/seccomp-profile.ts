import type { OciSeccomp } from '../oci/linux';

/**
 * A filter of system calls as lxc.seccomp.profile takes it: what the rules of the filter allow, and an error for the
 * rest.
 */
export function writeSeccompProfile({ defaultErrnoRet = 1, syscalls = [] }: OciSeccomp): string {
  const rules = syscalls.flatMap(({ names, args = [] }) => {
    const conditions = args.map(({ index, value, valueTwo, op }) =>
      op === 'SCMP_CMP_MASKED_EQ' ? `[${index},${valueTwo ?? 0},${op},${value}]` : `[${index},${value},${op}]`,
    );
    return names.map((name) => (conditions.length > 0 ? `${name} allow ${conditions.join('')}` : name));
  });
  return `2\nallowlist errno ${defaultErrnoRet}\n${rules.join('\n')}\n`;
}
