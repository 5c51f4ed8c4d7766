import type { Outgoing } from './messages';
import { type Attributes, isNested, type NestedAttribute, type ValueType } from './schema';

/**
 * A place in a resource: names of attributes, keys of maps and indices of lists, from the outside in, such as
 * `['files', '/etc/web.conf', 'mode']`. The schema tells which is which.
 */
export type Path = readonly (string | number)[];

/** A message for the user. */
export interface Diagnostic {
  /** One line. */
  readonly summary: string;
  /** Further help, on one or several lines: the failed command, the last lines of a log, a solution. */
  readonly detail?: string;
  /** The attribute that the message is about. Terraform shows its place in the configuration. */
  readonly path?: Path;
}

/** Fails an operation with a message for the user. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError';
  readonly diagnostic: Diagnostic;
  constructor(summary: string, options: Omit<Diagnostic, 'summary'> = {}) {
    super(summary);
    this.diagnostic = { summary, ...options };
  }
}

/** The diagnostic for a thrown value. Anything except a {@link DiagnosticError} is a bug, and its stack is shown. */
export function diagnosticOf(thrown: unknown, signal?: AbortSignal): Diagnostic {
  // In much of node, an aborted call rejects with its own AbortError instead of the signal's reason.
  const error = signal?.aborted && isAbortError(thrown) ? signal.reason : thrown;
  return error instanceof DiagnosticError ? error.diagnostic : bugDiagnostic(error);
}

function bugDiagnostic(error: unknown): Diagnostic {
  return {
    summary: `Internal error of the provider: ${error instanceof Error ? error.message : String(error)}`,
    detail: `This is a bug in the provider, please report it.\n\n${error instanceof Error ? error.stack : ''}`,
  };
}

function isAbortError(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'AbortError';
}

const SEVERITY = { error: 1, warning: 2 } as const;
export type Severity = keyof typeof SEVERITY;

/** A diagnostic for the plugin protocol. */
export function diagnosticMessage(
  severity: Severity,
  { summary, detail, path }: Diagnostic,
  attributes: Attributes,
): Outgoing<'Diagnostic'> {
  return {
    severity: SEVERITY[severity],
    summary,
    ...(detail ? { detail } : {}),
    ...(path ? { attribute: pathMessage(path, attributes) } : {}),
  };
}

type Step = Outgoing<'AttributePathStep'>;

/** A path for the plugin protocol. It ends where the path leaves the schema, so that no diagnostic is lost. */
export function pathMessage(path: Path, attributes: Attributes): Outgoing<'AttributePath'> {
  return { steps: attributeSteps(attributes, path) };
}

function attributeSteps(attributes: Attributes, [name, ...rest]: Path): Step[] {
  const attribute = name !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!attribute) return [];
  return [
    { attributeName: String(name) },
    ...(isNested(attribute) ? nestedSteps(attribute, rest) : valueSteps(attribute.type, rest)),
  ];
}

function nestedSteps({ nesting, attributes }: NestedAttribute, path: Path): Step[] {
  if (nesting === 'single') return attributeSteps(attributes, path);
  return elementSteps(nesting, path, (rest) => attributeSteps(attributes, rest));
}

function valueSteps(type: ValueType, path: Path): Step[] {
  return typeof type === 'string' ? [] : elementSteps(type[0], path, (rest) => valueSteps(type[1], rest));
}

// An element of a set is addressed only by its own value, so a path ends at a set.
function elementSteps(
  collection: 'list' | 'set' | 'map',
  [key, ...rest]: Path,
  inside: (rest: Path) => Step[],
): Step[] {
  if (key === undefined || collection === 'set') return [];
  return [collection === 'map' ? { elementKeyString: String(key) } : { elementKeyInt: Number(key) }, ...inside(rest)];
}
