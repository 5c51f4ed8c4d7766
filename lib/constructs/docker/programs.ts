import type { Requirement } from '../../manifest/index';

/** What the host must have for anything of docker's. */
export const DOCKER_PROGRAMS: Readonly<Record<string, Requirement>> = Object.fromEntries(
  ['docker', 'dockerd', 'curl'].map((program) => [program, { why: 'for docker' }]),
);
