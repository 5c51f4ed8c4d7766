/** Keys of units whose directories systemd creates, each with the directory that they are in. @see systemd.exec(5) */
export const EXEC_DIRECTORIES = {
  StateDirectory: '/var/lib/',
  CacheDirectory: '/var/cache/',
  LogsDirectory: '/var/log/',
  RuntimeDirectory: '/run/',
  ConfigurationDirectory: '/etc/',
} as const;
