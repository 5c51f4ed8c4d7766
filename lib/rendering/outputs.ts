import { TerraformOutput, type TerraformStack } from './cdktf';
import { mayHoldToken } from './tokens';

/**
 * The outputs of a stack that are known at synthesis, each as JSON, by the names that Terraform gives them. Those that are
 * sensitive, or that only Terraform knows, are left out.
 */
export function knownOutputs(stack: TerraformStack): Record<string, string> {
  const outputs = stack.node.findAll().filter(TerraformOutput.isTerraformOutput);
  return Object.fromEntries(
    outputs.flatMap(({ friendlyUniqueId, value, sensitive }) => {
      const text = sensitive === true || !isData(value) ? undefined : JSON.stringify(value);
      return text === undefined || mayHoldToken(text) || /[$%]\{/.test(text) ? [] : [[friendlyUniqueId, text]];
    }),
  );
}

/** Whether JSON can write it: a resource can be an output, too. */
function isData(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isData);
  if (typeof value !== 'object' || value === null) return ['string', 'number', 'boolean'].includes(typeof value);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isData);
}
