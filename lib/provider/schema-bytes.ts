import { encodeMessage } from './codec';
import { bulkheadProvider } from './provider';
import { schemaAnswer } from './schema';

/**
 * The provider's answer to GetProviderSchema. The build puts it into the bundle, so that a process that is only asked
 * for the schema loads neither protobuf nor the manifest's fields.
 */
export function schemaBytes(): Uint8Array {
  return encodeMessage('GetProviderSchemaResponse', schemaAnswer(bulkheadProvider().resources));
}
