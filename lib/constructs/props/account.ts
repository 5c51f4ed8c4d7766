import type { IConstruct } from 'constructs';

/** A user of the host that runs services in a systemd of its own. */
export interface Account extends IConstruct {
  /** Name of the user. */
  readonly serviceName: string;
}
