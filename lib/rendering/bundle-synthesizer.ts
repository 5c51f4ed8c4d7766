import { AnnotationMetadataEntryType, type ISynthesisSession, invokeAspects, type TerraformStack } from './cdktf';

/**
 * Synthesizes the bundle of a stack instead of its cdk.tf.json. Terraform's files of an earlier synthesis stay
 * unchanged, with the assets and the provider that they refer to.
 */
export class BundleSynthesizer {
  constructor(
    private readonly stack: TerraformStack,
    private readonly writeBundle: (session: ISynthesisSession) => void,
  ) {}

  synthesize(session: ISynthesisSession): void {
    invokeAspects(this.stack);
    if (session.skipValidation !== true) this.stack.runAllValidations();
    session.manifest.forStack(this.stack);
    this.writeBundle(session);
    const errors = errorsOf(this.stack);
    if (errors.length > 0) throw new Error(`Cannot synthesize "${this.stack.node.id}":\n${errors.join('\n')}`);
  }
}

/** Errors that aspects have added: annotations of level ERROR. */
export function errorsOf(stack: TerraformStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === AnnotationMetadataEntryType.ERROR)
        .map(({ data }) => `[${node.path}] ${data}`),
    );
}
