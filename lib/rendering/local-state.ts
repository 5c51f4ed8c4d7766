import { chmodSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { DataTerraformRemoteStateLocal, LocalBackend, type TerraformStack } from './cdktf';

/**
 * Makes the state paths of cdktf's local backend relative to the stack's directory, where Terraform always runs. cdktf
 * itself writes absolute paths, which differ between checkouts. The state stays where users of cdktf expect it:
 * `terraform.<stack>.tfstate` beside cdktf.json. Other backends and paths that the user chose are not changed.
 */
export function makeStatePathsRelative(stack: TerraformStack, stackDirectory: string): void {
  const initialised = initialisedPath(stackDirectory);
  for (const node of stack.node.findAll()) {
    const [override, path] = statePath(node);
    // A directory that was initialized with the absolute path would require a migration of its state, for no gain.
    if (isDefault(path) && path !== initialised)
      (node as LocalBackend).addOverride(override, relative(resolve(stackDirectory), path));
  }
}

/**
 * Hides the state files of cdktf's local backend from other users of this machine, since they contain the content of
 * services. Terraform creates them with permissions for everybody, and keeps the permissions of existing ones. Under
 * the command of cdktf, which applies next, missing files are created. Terraform treats an empty file as no state.
 */
export function makeStatePrivate(stack: TerraformStack): void {
  const paths = stack.node.findAll().flatMap((node) => {
    const [, path] = node instanceof LocalBackend ? statePath(node) : [];
    return isDefault(path) ? [path, `${path}.backup`] : [];
  });
  for (const path of paths) {
    if (process.env.CDKTF_OUTDIR !== undefined) closeSync(openSync(path, 'a', 0o600));
    if (existsSync(path)) chmodSync(path, 0o600);
  }
}

function statePath(node: unknown): [override: string, path: unknown] {
  if (node instanceof LocalBackend) return ['path', node.toTerraform().terraform.backend.local.path];
  if (node instanceof DataTerraformRemoteStateLocal)
    return ['config.path', node.toTerraform().data.terraform_remote_state[node.friendlyUniqueId].config.path];
  return ['', undefined];
}

function isDefault(path: unknown): path is string {
  return typeof path === 'string' && dirname(path) === process.cwd() && /^terraform\..+\.tfstate$/.test(basename(path));
}

function initialisedPath(stackDirectory: string): string | undefined {
  try {
    const { backend } = JSON.parse(readFileSync(join(stackDirectory, '.terraform', 'terraform.tfstate'), 'utf8'));
    return backend?.config?.path;
  } catch {
    return undefined;
  }
}
