import { type Diagnostic, DiagnosticError, diagnosticMessage, diagnosticOf, type Severity } from './diagnostics';
import { log } from './log';
import type { Outgoing } from './messages';
import type { Context, Provider, Resource } from './resource';
import type { Attributes } from './schema';

/** Inputs of an operation. */
export interface Operation {
  readonly resource: Resource;
  readonly attributes: Attributes;
  readonly context: Context;
}

/** The result of an operation. */
export interface Result<Answer> {
  /** Undefined when the operation threw. */
  readonly answer: Answer | undefined;
  /** Data to keep beside the state. If the operation threw, the data from before. */
  readonly private: Uint8Array;
  readonly diagnostics: readonly Outgoing<'Diagnostic'>[];
}

/** Runs an operation of a resource. It never rejects: a thrown value becomes a diagnostic. */
export type Operate = <Answer>(
  typeName: string,
  privateBytes: Uint8Array,
  run: (operation: Operation) => Answer | Promise<Answer>,
) => Promise<Result<Answer>>;

export const NO_PRIVATE = new Uint8Array();

export function operateOn(provider: Provider, signal: AbortSignal): Operate {
  return async (typeName, privateBytes, run) => {
    const resource = Object.hasOwn(provider.resources, typeName) ? provider.resources[typeName] : undefined;
    const attributes = resource?.schema.attributes ?? {};
    const diagnostics: Outgoing<'Diagnostic'>[] = [];
    const tell = (severity: Severity) => (diagnostic: Diagnostic) => {
      diagnostics.push(diagnosticMessage(severity, diagnostic, attributes));
    };
    const context: Context = { signal, private: undefined, warn: tell('warning'), error: tell('error') };
    try {
      if (!resource) throw new DiagnosticError(`Cannot manage "${typeName}": no such resource type`);
      if (privateBytes.length) context.private = parsePrivate(privateBytes);
      const answer = await run({ resource, attributes, context });
      return { answer, private: Buffer.from(JSON.stringify(context.private) ?? ''), diagnostics };
    } catch (thrown) {
      log('error', 'operation failed', { type: typeName, error: String(thrown) });
      context.error(diagnosticOf(thrown, signal));
      return { answer: undefined, private: privateBytes, diagnostics };
    }
  };
}

function parsePrivate(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new DiagnosticError('Cannot read the private data in the state of a resource: it is not JSON', {
      detail: 'Restore the state from a backup, or remove the resource from it by `terraform state rm` and import it.',
    });
  }
}
