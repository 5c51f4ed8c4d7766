import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_SOURCE } from '../manifest/terraform';

const PACKAGE = join(__dirname, '..', '..', 'package.json');
const FILE = 'terraform-provider-bulkhead.cjs';
const PLATFORM = 'linux_amd64';
const OTHER_PLATFORMS = ['linux_arm64', 'darwin_amd64', 'darwin_arm64'];

/** The provider that this package ships. */
export interface ProviderPackage {
  readonly file: string;
  /**
   * Identifies the file's content too: Terraform caches a provider by its version, so a version must never have two
   * contents.
   */
  readonly version: string;
  /** Digest of the package, as in Terraform's lock file. It is the same on every platform. */
  readonly hash: string;
}

let cached: ProviderPackage | undefined;

/** @throws when the package was not built. */
export function providerPackage(): ProviderPackage {
  cached ??= readPackage(locate());
  return cached;
}

// Beside the compiled library, or in dist/ when the library runs from its sources.
function locate(): string {
  const candidates = [join(__dirname, '..', 'provider', FILE), join(__dirname, '..', '..', 'dist', 'provider', FILE)];
  const found = candidates.find((file) => existsSync(file));
  if (!found) throw new Error(`Cannot find the Terraform provider: no ${FILE} in this package, run "npm run build"`);
  return found;
}

export function readPackage(file: string): ProviderPackage {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const hash = createHash('sha256').update(`${digest}  ${FILE}\n`).digest('base64');
  return { file, version: `${version}-h${digest.slice(0, 10)}`, hash: `h1:${hash}` };
}

/**
 * Puts the provider where `terraform init` finds it in the stack's directory, without a registry and without
 * configuration. It is one file for all platforms, so the other platforms are links. Changed files are repaired.
 */
export function installProvider(stackDirectory: string, provider: ProviderPackage): void {
  const versions = join(stackDirectory, 'terraform.d', 'plugins', ...PROVIDER_SOURCE.split('/'));
  const directory = join(versions, provider.version);
  if (!isInstalled(directory, provider)) {
    const temporary = `${directory}.${process.pid}.tmp`;
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(join(temporary, PLATFORM), { recursive: true });
    copyFileSync(provider.file, join(temporary, PLATFORM, FILE));
    chmodSync(join(temporary, PLATFORM, FILE), 0o755);
    for (const platform of OTHER_PLATFORMS) symlinkSync(PLATFORM, join(temporary, platform));
    rmSync(directory, { recursive: true, force: true });
    renameSync(temporary, directory);
  }
  for (const name of readdirSync(versions)) {
    if (name !== provider.version) rmSync(join(versions, name), { recursive: true });
  }
}

/** Whether the directory has exactly the expected content. */
function isInstalled(directory: string, provider: ProviderPackage): boolean {
  try {
    const file = join(directory, PLATFORM, FILE);
    const stats = lstatSync(file);
    return (
      lstatSync(directory).isDirectory() &&
      lstatSync(join(directory, PLATFORM)).isDirectory() &&
      readdirSync(join(directory, PLATFORM)).length === 1 &&
      OTHER_PLATFORMS.every((platform) => readlinkSync(join(directory, platform)) === PLATFORM) &&
      stats.isFile() &&
      (stats.mode & 0o777) === 0o755 &&
      readFileSync(file).equals(readFileSync(provider.file))
    );
  } catch {
    return false;
  }
}
