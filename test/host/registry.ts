import { readFileSync } from 'node:fs';
import type { Image } from 'bulkhead';
import { lab } from './host';

/** Where the registry of the practice host listens. */
export const REGISTRY = '127.0.0.1:5000';

const CONFIG = `version: 0.1
storage: { filesystem: { rootdirectory: /var/lib/test-registry } }
http: { addr: ${REGISTRY} }
auth: { htpasswd: { realm: test, path: /run/test-registry.htpasswd } }
`;

/** What a user writes there for a registry without TLS. */
const REGISTRIES = `[[registry]]
location = "${REGISTRY}"
insecure = true
`;

const START = `
mkdir -p /var/lib/test-registry /etc/containers/registries.conf.d
printf %s "$1" > /run/test-registry.yml
printf %s "$2" > /etc/containers/registries.conf.d/test-registry.conf
printf '%s\\n' "$3" > /run/test-registry.htpasswd
systemd-run --quiet --unit test-registry docker-registry serve /run/test-registry.yml
curl --silent --output /dev/null --retry 50 --retry-all-errors --retry-delay 1 http://${REGISTRY}/v2/
skopeo login --username tester --password secret ${REGISTRY} > /dev/null`;

const STOP = `
skopeo logout ${REGISTRY} > /dev/null
systemctl stop test-registry 2>/dev/null || :
rm -rf /var/lib/test-registry /run/test-registry.yml /run/test-registry.htpasswd /etc/containers/registries.conf.d/test-registry.conf`;

/** As htpasswd(1) writes it with bcrypt. */
const ACCOUNT = 'tester:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

/** A registry on the practice host that asks for a login and has no TLS. */
export const registry = {
  start: () => lab.sh(START, CONFIG, REGISTRIES, ACCOUNT),
  stop: () => lab.sh(STOP),

  /** Puts an image of an OCI archive under a tag. Returns the digest that the registry has it by. */
  async push(image: Image, reference: string): Promise<string> {
    const file = '/run/test-image.tar';
    await lab.run(['sh', '-c', `cat > ${file}`], readFileSync(image.source));
    await lab.sh(`skopeo copy --quiet oci-archive:${file} "docker://$1"; rm ${file}`, reference);
    return (await lab.sh('skopeo inspect --no-tags --format {{.Digest}} "docker://$1"', reference)).trim();
  },
};
