import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PodmanKube, type PodmanKubeProps, PodmanNetwork } from 'bulkhead';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const KUBE = '/etc/containers/systemd/shop.kube';
const YAML = '/etc/containers/systemd/shop.yaml';
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop' } };
const make = (props: PodmanKubeProps = { yaml: POD }, scope = host()) => new PodmanKube(scope, 'shop', props);

test('it is a Quadlet file beside its YAML, and stops what it has started', () => {
  expect(textOf(make(), KUBE)).toBe(`[Unit]
Description=shop
StartLimitIntervalSec=0

[Kube]
Yaml=shop.yaml
Network=podman

[Service]
TimeoutStartSec=900
RuntimeDirectory=shop.kube
ExecStartPre=/bin/cp /etc/containers/systemd/shop.yaml %t/shop.kube/yaml
ExecStopPost=-/usr/bin/podman kube down %t/shop.kube/yaml
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
`);
  expect(make().manifest.units).toEqual({ 'shop.service': { state: 'active', restartOn: [KUBE, YAML] } });
});

test('objects are written as documents of JSON, which is YAML', () => {
  const documents = textOf(make({ yaml: [POD, { kind: 'ConfigMap' }] }), YAML).split('---\n');
  expect(documents.map((document) => JSON.parse(document))).toEqual([POD, { kind: 'ConfigMap' }]);
});

test('text and files are taken as they are, and only root reads them', () => {
  const source = join(temporaryDirectory(), 'shop.yaml');
  writeFileSync(source, 'kind: Pod\n');
  expect(textOf(make({ source }), YAML)).toBe('kind: Pod\n');
  expect(make({ yaml: 'kind: Pod\n' }).manifest.files[YAML]).toEqual({
    content: 'kind: Pod\n',
    mode: '0600',
    owner: 'root',
    group: 'root',
  });
});

test('it takes ports of the host and is on networks', () => {
  const scope = host();
  const networks = [new PodmanNetwork(scope, 'net')];
  const kube = make({ yaml: POD, ports: ['8080:80'], networks }, scope);
  const text = textOf(kube, KUBE);
  expect(section(text, 'Kube')).toEqual(['Yaml=shop.yaml', 'PublishPort=8080:80', 'Network=net.network']);
  expect(section(text, 'Unit')).toEqual(['Description=shop', 'StartLimitIntervalSec=0']);
  expect(kube.manifest.units['shop.service']?.triggers).toHaveProperty(['net.network']);
  new PodmanKube(scope, 'other', { yaml: POD, ports: [8080] });
  expect(problemsOf(scope).join()).toContain('tcp 0.0.0.0:8080 is taken by shop/host/shop');
});

test.each<[PodmanKubeProps, string]>([
  [{}, 'Cannot run YAML from {}: neither is given, expected either yaml or source (at shop/host/shop)'],
  [{ yaml: POD, source: 'x' }, 'both are given'],
  [{ yaml: [] }, 'Cannot run YAML from []: is not an object, expected one or more objects (at shop/host/shop.yaml)'],
  [{ yaml: 7 as never }, 'is not an object'],
  [{ source: '/nowhere.yaml' }, 'Cannot read "/nowhere.yaml": does not exist'],
  [{ yaml: POD, networks: ['net'] as never }, 'Cannot use "net": is not a PodmanNetwork'],
  [{ yaml: POD, directives: { Kube: { Yaml: 'x' } } }, 'already set by yaml'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});
