import { DockerService, Image } from 'bulkhead';
import { describeHost, lab } from '../host';
import { Deployment, images } from '../synth';
import { startDocker, stopDocker } from './daemon';

const CONFIG = '/etc/docker/daemon.json';
/** Docker allows three starts a minute. */
const AGAIN = 'systemctl reset-failed docker.service docker.socket';

const ROWS: readonly (readonly [string, string])[] = [
  ['restarts', `${AGAIN}; systemctl restart docker.service`],
  ['is killed', `${AGAIN}; kill -9 "$(systemctl show -P MainPID docker.service)"`],
  [
    'is upgraded, and its configuration changes',
    `${AGAIN}; systemctl stop docker.service; echo "$2" > ${CONFIG}; systemctl start docker.service; systemctl start r-web`,
  ],
];

describeHost('when docker', () => {
  let deployment: Deployment;
  const container = () => lab.sh('docker inspect -f "{{.Id}}" "$(cat /run/bulkhead/docker/r-web/container)"');
  const runs = () =>
    lab.sh(`for try in $(seq 60); do
      sleep 0.5
      systemctl is-active --quiet r-web && curl -sf localhost:8097 && exit
    done
    systemctl status r-web; exit 1`);

  beforeAll(async () => {
    await startDocker();
    deployment = new Deployment('dockerd-test', (host) => {
      const image = Image.ociArchive(images().ociArchive);
      new DockerService(host, 'r-web', { image, ports: ['8097:80'], stopTimeout: '1s' });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh(`rm -f ${CONFIG}`);
    await stopDocker();
  });

  describe.each([false, true])('with live-restore %j', (live) => {
    beforeAll(async () => {
      const config = JSON.stringify({ 'live-restore': live });
      await lab.sh(`mkdir -p /etc/docker; echo "$1" > ${CONFIG}; ${AGAIN}; systemctl restart docker.service`, config);
      await runs();
    });

    test.each(ROWS)('%s, the container runs again by itself, and there is nothing to do', async (_, what) => {
      const before = await container();
      await lab.sh(what, '', JSON.stringify({ 'live-restore': live, 'max-concurrent-downloads': 2 }));
      expect(await runs()).toContain('It works');
      expect(await container()).toBe(before);
      expect(await deployment.differences()).toEqual([]);
    });
  });
});
