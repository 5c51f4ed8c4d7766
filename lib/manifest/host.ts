/** How a host is reached, as plain data. */
export interface HostAddress {
  /**
   * `local`, `ssh://[user@]host[:port]` (a name of the user's ssh_config works too), or `lab[:name]` for the
   * practice host that `bulkhead lab up` started.
   */
  readonly address: string;
  /** Options for the OpenSSH client as in ssh_config(5), each `Key=value`: passed on as `-o`. */
  readonly sshOptions?: readonly string[];
}
