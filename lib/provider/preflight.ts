const MAGIC_COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';
const OLDEST_NODE = [20, 12] as const;

/** The reason why the plugin can't run. */
export interface Obstacle {
  readonly message: string;
  /** Terraform shows stdout when it gets it instead of a handshake, and hides stderr. A shell shows both. */
  readonly stream: 'stdout' | 'stderr';
}

/** Checks that Terraform started this process, with a supported node version. */
export function findObstacle(env: NodeJS.ProcessEnv, nodeVersion: string): Obstacle | undefined {
  if (env.TF_PLUGIN_MAGIC_COOKIE !== MAGIC_COOKIE) {
    const message = 'This is the Terraform provider of Bulkhead: Terraform starts it, do not run it yourself';
    return { message, stream: 'stderr' };
  }
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    const message = `Cannot run the Bulkhead provider on node ${nodeVersion}: expected ${OLDEST_NODE.join('.')} or newer (at ${process.execPath})`;
    return { message, stream: 'stdout' };
  }
  if (!env.PLUGIN_PROTOCOL_VERSIONS?.split(',').includes('6')) {
    const message =
      'Cannot run the Bulkhead provider with this Terraform: it lacks plugin protocol 6, expected Terraform 1.0 or newer';
    return { message, stream: 'stdout' };
  }
  return undefined;
}
