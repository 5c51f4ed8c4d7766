import { PROGRAM_PROPS, type ProgramProps } from '../program/program-props';
import { propsOfClass } from '../props/known-props';

export interface SystemdServiceProps extends ProgramProps {
  /**
   * Directory of the host that it sees as `/`. RootDirectory=
   * @default - the host's own, read-only
   */
  readonly root?: string;
  /**
   * Lets it make code at run time, which just-in-time compilers do: Node.js, Java, .NET, LuaJIT.
   * MemoryDenyWriteExecute=no
   * @default false
   */
  readonly jit?: boolean;
}

export const SYSTEMD_SERVICE_PROPS = propsOfClass<SystemdServiceProps>('SystemdService', {
  ...PROGRAM_PROPS,
  root: true,
  jit: true,
});
