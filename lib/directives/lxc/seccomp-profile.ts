import type { OciSeccomp } from '../oci/linux';

/**
 * A system call filter for lxc.seccomp.profile: it allows what the rules allow, and returns an error for every other
 * call.
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
