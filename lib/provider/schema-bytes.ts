import { encodeMessage } from './codec';
import { bulkheadProvider } from './provider';
import { schemaAnswer } from './schema';

/**
 * The provider's answer to GetProviderSchema. The build adds it to the bundle. So a process that is only asked for the
 * schema loads neither protobuf nor the fields of the manifest.
 */
export function schemaBytes(): Uint8Array {
  return encodeMessage('GetProviderSchemaResponse', schemaAnswer(bulkheadProvider().resources));
}
