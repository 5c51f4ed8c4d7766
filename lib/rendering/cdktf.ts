// All that this room takes from cdktf, so that a move to its successor is made here.
import type { TerraformStack } from 'cdktf';

export {
  AnnotationMetadataEntryType,
  DataTerraformRemoteStateLocal,
  type IResolvable,
  type IResolveContext,
  LocalBackend,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  Token,
} from 'cdktf';
export { addCustomSynthesis, invokeAspects } from 'cdktf/lib/synthesize/synthesizer';
export type { ISynthesisSession } from 'cdktf/lib/synthesize/types';

/** Whether the stack itself has overrides (`stack.addOverride`). cdktf has no public API for that. */
export function hasOverrides(stack: TerraformStack): boolean {
  const { rawOverrides = {} } = stack as unknown as { readonly rawOverrides?: object };
  return Object.keys(rawOverrides).length > 0;
}
