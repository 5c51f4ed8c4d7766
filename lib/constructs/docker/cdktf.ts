// All that this folder takes from the bindings of Terraform's docker provider.
import type { Container } from '@cdktf/provider-docker/lib/container';
import type { Image } from '@cdktf/provider-docker/lib/image';
import type { Network } from '@cdktf/provider-docker/lib/network';
import type { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import type { Volume } from '@cdktf/provider-docker/lib/volume';

/** The CDK library of this copy. The build replaces every text that is the library's name. */
const LIBRARY: string = 'cdktf';

/**
 * Whether there are bindings for the CDK library of this copy. The bindings for cdktn are of another version of the
 * provider.
 */
export const HAS_BINDINGS = /^cdktf$/.test(LIBRARY);

export interface Bindings {
  readonly DockerProvider: typeof DockerProvider;
  readonly Container: typeof Container;
  readonly Image: typeof Image;
  readonly Network: typeof Network;
  readonly Volume: typeof Volume;
}

/** Loads the bindings, which only docker needs. Undefined when the package is not installed. */
export function loadBindings(): Bindings | undefined {
  try {
    return {
      ...require('@cdktf/provider-docker/lib/provider'),
      ...require('@cdktf/provider-docker/lib/container'),
      ...require('@cdktf/provider-docker/lib/image'),
      ...require('@cdktf/provider-docker/lib/network'),
      ...require('@cdktf/provider-docker/lib/volume'),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
