// All that this room takes from cdktf, so that a move to its successor is made here.
export {
  DataTerraformRemoteStateLocal,
  type IResolvable,
  type IResolveContext,
  LocalBackend,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  Token,
} from 'cdktf';
export { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';
export type { ISynthesisSession } from 'cdktf/lib/synthesize/types';
