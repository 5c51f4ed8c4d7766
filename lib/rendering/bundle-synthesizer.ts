import { AnnotationMetadataEntryType, type ISynthesisSession, invokeAspects, type TerraformStack } from './cdktf';

/**
 * Synthesizes the bundle of a stack in place of its cdk.tf.json. What an earlier synthesis wrote for Terraform stays as
 * it is, with the assets and the provider that it refers to.
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

/** What aspects have refused: annotations of level ERROR. */
export function errorsOf(stack: TerraformStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === AnnotationMetadataEntryType.ERROR)
        .map(({ data }) => `[${node.path}] ${data}`),
    );
}
