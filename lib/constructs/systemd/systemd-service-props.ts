import { PROGRAM_PROPS, type ProgramProps } from '../program/program-props';
import { propsOfClass } from '../props/known-props';

export interface SystemdServiceProps extends ProgramProps {
  /**
   * Absolute path of a directory on the host that the service sees as `/`. Set either `root` or `image`. Becomes
   * RootDirectory=.
   * @default - the host's own root, read-only
   */
  readonly root?: string;
  /**
   * Allows the program to create code at run time. Just-in-time compilers need that: Node.js, Java, .NET, LuaJIT.
   * Becomes MemoryDenyWriteExecute=no.
   * @default false
   */
  readonly jit?: boolean;
}

export const SYSTEMD_SERVICE_PROPS = propsOfClass<SystemdServiceProps>('SystemdService', {
  ...PROGRAM_PROPS,
  root: true,
  jit: true,
});
