import type { Requirement } from '../../manifest/index';

/** Programs that the host needs for docker. */
export const DOCKER_PROGRAMS: Readonly<Record<string, Requirement>> = Object.fromEntries(
  ['docker', 'dockerd', 'curl'].map((program) => [program, { why: 'for docker' }]),
);
