import type { Construct } from 'constructs';
import { objectKey } from '../../manifest/index';
import { fail } from '../problem';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { DOCKER_PROGRAMS } from './programs';
import { RUNTIME_SCRIPT } from './runtime-script';

const PROGRAM = '/usr/local/lib/bulkhead/docker-runtime';

/** What docker calls the runtime of services on a {@link Network}. */
export const RUNTIME = 'bulkhead';

/**
 * Lets containers of docker be on a {@link Network}: adds the runtime `bulkhead` to docker's own configuration, which
 * stays as it is otherwise, and reloads docker, which touches no container. All of it goes with this construct.
 *
 * On the host: an entry of `runtimes` in /etc/docker/daemon.json, and the program that it names,
 * /usr/local/lib/bulkhead/docker-runtime, which puts a container into the namespace of its service and then is runc.
 * Whoever can use docker can put a container there, and could anyway do all that root can.
 */
export class DockerDaemon extends Service {
  /** @internal The one of a service's host, which it must be on a Network. @throws Error when there is none */
  static of({ host, node }: Service): DockerDaemon {
    const found = node.root.node.findAll().filter((construct) => construct instanceof DockerDaemon);
    const daemon = found.find((one) => one.host.address === host.address);
    if (daemon) return daemon;
    return fail({
      action: 'use network for',
      value: node.path,
      problem: "docker needs a runtime for it, which changes docker's own configuration",
      expected: `new DockerDaemon(host, 'docker') before it`,
      at: `${node.path}.network`,
    });
  }

  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: ManagedProps = {}) {
    super(scope, id, 'docker', props, MANAGED_PROPS);
    this.complete();
  }

  protected override parts(): Parts {
    return {
      files: { [PROGRAM]: { content: RUNTIME_SCRIPT, mode: '0755', owner: 'root', group: 'root' } },
      objects: { [objectKey('docker-runtime', RUNTIME)]: { spec: { program: PROGRAM } } },
      requires: { ...DOCKER_PROGRAMS, runc: { why: 'for docker' } },
    };
  }
}
