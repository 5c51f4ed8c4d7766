import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, type HostProps, type Service } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory that is gone after the tests of this file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  directories.push(directory);
  return directory;
}

/** An app that synthesizes into a directory of its own. */
export function app(): App {
  return new App({ outdir: temporaryDirectory() });
}

/** A stack `shop`. */
export function stack(id = 'shop', scope = app()): TerraformStack {
  return new TerraformStack(scope, id);
}

/** A host `shop/host`. */
export function host(props: Partial<HostProps> = {}): Host {
  return new Host(stack(), 'host', { address: 'local', ...props });
}

/** Text of a file of a service. */
export function textOf(service: Service, path: string): string {
  const file = service.manifest.files[path];
  if (file?.content === undefined)
    throw new Error(`${path} is none of ${Object.keys(service.manifest.files).join(', ')}`);
  return file.content;
}

/** The lines of one section of a file. */
export function section(text: string, name: string): string[] {
  const [, body = ''] = text.split(`[${name}]\n`);
  return body
    .split(/\n(?=\[)|\n$/)[0]
    ?.split('\n')
    .filter((line) => line !== '') as string[];
}

/** Every problem that the validations of a tree find. */
export function problemsOf(construct: { readonly node: Host['node'] }): string[] {
  return construct.node.findAll().flatMap(({ node }) => node.validate());
}
