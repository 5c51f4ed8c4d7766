import { type Diagnostic, DiagnosticError, diagnosticMessage, diagnosticOf, type Severity } from './diagnostics';
import { log } from './log';
import type { Outgoing } from './messages';
import type { Context, Provider, Resource } from './resource';
import type { Attributes } from './schema';

/** What an operation works with. */
export interface Operation {
  readonly resource: Resource;
  readonly attributes: Attributes;
  readonly context: Context;
}

/** How an operation ended. */
export interface Result<Answer> {
  /** Undefined when the operation threw. */
  readonly answer: Answer | undefined;
  readonly private: Uint8Array;
  readonly diagnostics: readonly Outgoing<'Diagnostic'>[];
}

/** Runs an operation of a resource. Never rejects: whatever is thrown becomes a diagnostic. */
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
    const context: Context = {
      signal,
      private: privateBytes.length ? JSON.parse(Buffer.from(privateBytes).toString()) : undefined,
      warn: tell('warning'),
      error: tell('error'),
    };
    let answer: Awaited<ReturnType<typeof run>> | undefined;
    try {
      if (!resource) throw new DiagnosticError(`Cannot manage "${typeName}": no such resource type`);
      answer = await run({ resource, attributes, context });
    } catch (thrown) {
      log('error', 'operation failed', { type: typeName, error: String(thrown) });
      context.error(diagnosticOf(thrown, signal));
    }
    const kept = context.private === undefined ? NO_PRIVATE : Buffer.from(JSON.stringify(context.private));
    return { answer, private: kept, diagnostics };
  };
}
