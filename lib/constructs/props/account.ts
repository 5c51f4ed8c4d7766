import type { IConstruct } from 'constructs';

/** A user of the host. The user's own systemd instance runs the services. */
export interface Account extends IConstruct {
  /** Name of the user. */
  readonly serviceName: string;
}
