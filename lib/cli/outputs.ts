import type { HostPlan } from './host-plan';

/** The outputs of stacks that have some, by stack. */
function outputsOf(plans: readonly HostPlan[]): Map<string, Readonly<Record<string, string>>> {
  const stacks = plans.map(({ target: { stack, outputs } }) => [stack, outputs] as const);
  return new Map(stacks.filter(([, outputs]) => Object.keys(outputs).length > 0));
}

/** As Terraform shows them: a line for each, under the name of its stack. */
export function renderOutputs(plans: readonly HostPlan[]): string[] {
  return [...outputsOf(plans)].flatMap(([stack, outputs]) => [
    '',
    `Outputs of ${stack}:`,
    ...Object.entries(outputs).map(([name, value]) => `  ${name} = ${value}`),
  ]);
}

/** The same for JSON: values by their names, by the names of their stacks. */
export function outputsDocument(plans: readonly HostPlan[]): { readonly outputs?: Record<string, object> } {
  const values = (outputs: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, parsed(value)]));
  const stacks = [...outputsOf(plans)].map(([stack, outputs]) => [stack, values(outputs)] as const);
  return stacks.length > 0 ? { outputs: Object.fromEntries(stacks) } : {};
}

// Somebody may have edited the bundle.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
