import type { Construct } from 'constructs';
import { objectKey } from '../../manifest/index';
import { fail } from '../problem';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { DOCKER_PROGRAMS } from './programs';
import { RUNTIME_SCRIPT } from './runtime-script';

const PROGRAM = '/usr/local/lib/bulkhead/docker-runtime';

/** Docker's name for the runtime of services on a {@link Network}. */
export const RUNTIME = 'bulkhead';

/**
 * Lets docker containers join a {@link Network}. It adds the runtime `bulkhead` to docker's configuration, changes
 * nothing else there, and reloads docker, which touches no container. When this construct is removed, the runtime is
 * removed too.
 *
 * On the host: an entry of `runtimes` in /etc/docker/daemon.json, and the program
 * /usr/local/lib/bulkhead/docker-runtime. The program puts a container into the network namespace of its service, and
 * then runs runc. Anybody who can use docker can put a container there. Such a user could do anything that root can
 * without it, too.
 */
export class DockerDaemon extends Service {
  /**
   * @internal The DockerDaemon of a service's host, which a docker service on a Network needs. @throws Error when there
   * is none
   */
  static of({ host, node }: Service): DockerDaemon {
    const found = node.root.node.findAll().filter((construct) => construct instanceof DockerDaemon);
    const daemon = found.find((one) => one.host.address === host.address);
    if (daemon) return daemon;
    return fail({
      action: 'use network for',
      value: node.path,
      problem: "docker needs a runtime for a Network, and the runtime changes docker's own configuration",
      expected: `new DockerDaemon(host, 'docker') before the service`,
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
