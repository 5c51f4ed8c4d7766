import { Construct } from 'constructs';
import { type ObjectPart, objectKey, SECRET_NAME } from '../../manifest/index';
import { Token } from '../cdktf';
import { Host } from '../host/host';
import { fail } from '../problem';
import { checkWords } from '../props/command';
import type { SecretValue } from '../props/environment';
import { checkProps, type KnownProps } from '../props/known-props';
import { idsBelow } from './service-name';

/** The name of a secret, and exactly one source of its value. */
export interface SecretProps {
  /**
   * Name of the file that services read: letters, digits, `_`, `.` and `-`, beginning with a letter or digit, at most 200
   * characters, unique on the host.
   * @default - the construct ids below the host, joined by `-`
   */
  readonly name?: string;
  /**
   * Name of an environment variable on the machine that plans and applies. Its text is the value.
   * @default - not set: a secret has exactly one source
   */
  readonly environmentVariable?: string;
  /**
   * Path of a file on the machine that plans and applies. All bytes of the file are the value, including a line break at
   * the end. A relative path starts at the nearest directory with a cdktf.json, from the working directory upwards.
   * Without a cdktf.json, it starts at the working directory.
   * @default - not set: a secret has exactly one source
   */
  readonly file?: string;
  /**
   * A program on the machine that plans and applies, and its arguments, such as `['pass', 'shop/db']` or
   * `['sops', '--decrypt', '--extract', '["db"]', 'secrets.yaml']`. Its output is the value, without one line break at the
   * end. It runs without a shell, in the directory that a relative `file` starts from. Each plan and apply runs it once.
   * @default - not set: a secret has exactly one source
   */
  readonly command?: readonly string[];
  /**
   * A value that only Terraform knows, such as the `stringValue` of a sensitive TerraformVariable, or an attribute of
   * another resource. A write-only attribute passes it to the provider, which needs Terraform 1.11 or OpenTofu 1.11. It is
   * not in the state of the service. `bulkhead apply` refuses it. A plan file of Terraform contains the values of
   * variables, unless they are ephemeral: `variable.addOverride('ephemeral', true)`.
   * @default - not set: a secret has exactly one source
   */
  readonly value?: string;
  /**
   * The host generates the value once: random letters and digits that never leave the host. All services that have the
   * secret get the same value. The value is deleted with the last of these services. If the value is lost, the next apply
   * generates another one and restarts the services.
   * @default - not set: a secret has exactly one source
   */
  readonly generate?: {
    /**
     * Number of letters and digits, from 16 to 1024. It has no effect on a value that exists already.
     * @default 32
     */
    readonly length?: number;
  };
  /**
   * Encrypts the files of services on the host with systemd-creds(1): with the key of the host's TPM, or without a TPM
   * with a key in /var/lib/systemd that only root can read. systemd decrypts the file when a service starts, so only a
   * SystemdService, PortableService, SystemdTimer, SystemdPath or SystemdSocket can have the secret. A generated value is
   * also kept unencrypted. Becomes LoadCredentialEncrypted=.
   * @default false
   */
  readonly encrypted?: boolean;
}

const PROPS: KnownProps<SecretProps> = {
  name: true,
  environmentVariable: true,
  file: true,
  command: 'list',
  value: true,
  generate: true,
  encrypted: true,
};

const SOURCES = ['environmentVariable', 'file', 'command', 'value', 'generate'] as const;

/**
 * A password, key or certificate for services of a host, of 1 to 65536 bytes. Services get it as a file through their
 * `secrets` prop: `$CREDENTIALS_DIRECTORY/NAME` in a {@link SystemdService} or {@link PortableService},
 * `/run/secrets/NAME` in a container or machine. As a value in `environment`, it stands for that path. Each plan and apply reads the value and sends it to the host over the
 * connection. The value is not in the project, `cdktf.out`, a bundle, a plan, Terraform's state, a unit, an argument of a
 * program or a message. A change of the value restarts the services that have the secret, and no others.
 *
 * On the host: one file per service that has it, in /var/lib/bulkhead-secrets, which only root can enter.
 */
export class Secret extends Construct {
  readonly host: Host;
  /** Name of its file in services. */
  readonly secretName: string;
  /** @internal The value, if it is Terraform that knows it. */
  readonly value: string | undefined;
  /** @internal How services come to it. */
  readonly spec: { readonly source: string; readonly from?: string; readonly encrypted?: 'true' };
  private readonly length: number | undefined;

  /** @throws Error for no source or several, and for a name that is taken */
  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);
    const at = this.node.path;
    checkProps(props, PROPS, at);
    this.host = Host.of(this);
    this.secretName = checkName(props.name ?? idsBelow(this, this.host), at);
    checkSources(props, at);
    this.value = props.value;
    this.length = props.generate && checkLength(props.generate, at);
    const stack = this.host.stack.node.id.replace(/[^A-Za-z0-9_.-]/g, '_');
    const encrypted = props.encrypted === true ? ({ encrypted: 'true' } as const) : {};
    this.spec = { ...specOf(props, `${this.secretName}.${stack}`, at), ...encrypted };
    checkUnique(this);
  }

  /**
   * The value itself, for a program that can't read files: `environment: { DB_PASSWORD: password.asValue() }`, in a
   * {@link SystemdService}, {@link PortableService}, {@link SystemdTimer}, {@link SystemdPath}, {@link SystemdSocket}, or
   * {@link PodmanService} without `rootless`. The value is one line of text in UTF-8, for a PodmanService of at most 65000
   * bytes. The secret need not be in `secrets`. The value is not in the unit: systemd or podman reads it from a file of
   * root at each start. Becomes EnvironmentFile=.
   *
   * This is weaker than a file. All programs that the service starts inherit the variable. The service's user and root
   * can read it in /proc/PID/environ. Crash reports often contain it. For a container, `podman inspect` shows it to root,
   * and `podman commit` writes it into the new image.
   * @see systemd.exec(5), podman-run(1)
   */
  asValue(): SecretValue {
    return { secret: this };
  }

  /** @internal What the host has of it for all services: what it has generated. */
  get shared(): Readonly<Record<string, ObjectPart>> {
    const { length, spec } = this;
    if (length === undefined) return {};
    return { [objectKey('generated-secret', spec.from ?? '')]: { spec: { length: String(length) } } };
  }
}

function checkName(name: string, at: string): string {
  if (typeof name === 'string' && SECRET_NAME.test(name)) return name;
  const expected =
    'letters, digits, "_", "." and "-", beginning with a letter or digit; the name prop sets another name';
  return fail({ action: 'name a secret', value: name, problem: 'is not a name', expected, at });
}

// A message must not show what is given: it may be the secret itself.
function checkSources(props: SecretProps, at: string): void {
  const given = SOURCES.filter((source) => props[source] !== undefined);
  if (given.length === 1) return;
  const problem = given.length === 0 ? 'it has no source' : `it has several sources: ${given.join(', ')}`;
  fail({ action: 'read secret', value: at, problem, expected: `one of ${SOURCES.join(', ')}`, at });
}

function checkLength({ length = 32, ...others }: NonNullable<SecretProps['generate']>, at: string): number {
  checkProps(others, {}, `${at}.generate`);
  if (Number.isInteger(length) && length >= 16 && length <= 1024) return length;
  const expected = 'a whole number from 16 to 1024';
  return fail({
    action: 'generate a secret of length',
    value: length,
    problem: 'is out of range',
    expected,
    at: `${at}.generate.length`,
  });
}

/** @param generated Its name among those of all stacks, if the host generates it. */
function specOf(
  { environmentVariable, file, command, value }: SecretProps,
  generated: string,
  at: string,
): Secret['spec'] {
  if (environmentVariable !== undefined)
    return { source: 'environmentVariable', from: checkVariable(environmentVariable, `${at}.environmentVariable`) };
  if (file !== undefined) return { source: 'file', from: checkFile(file, `${at}.file`) };
  if (command !== undefined) {
    checkWords(command, 'command', at);
    return { source: 'command', from: JSON.stringify(command) };
  }
  if (value === undefined) return { source: 'generated', from: generated };
  if (typeof value !== 'string' || !Token.isUnresolved(value))
    fail({
      action: 'use as secret',
      value: '***',
      problem: 'it would be in the program and in cdktf.out',
      expected: 'a value that only Terraform knows, such as stringValue of a TerraformVariable, or environmentVariable',
      at: `${at}.value`,
    });
  return { source: 'value' };
}

function checkVariable(name: string, at: string): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  return fail({
    action: 'read a secret from environment variable',
    value: '***',
    problem: 'is not a variable name',
    expected: 'letters, digits and "_", such as "DB_PASSWORD"',
    at,
  });
}

function checkFile(path: string, at: string): string {
  const isPath = typeof path === 'string' && /^[^\0\n\p{Surrogate}]+$/u.test(path) && !Token.isUnresolved(path);
  if (isPath) return path;
  const expected = 'a path that is known at synthesis, such as "./db-password"';
  return fail({ action: 'read a secret from file', value: path, problem: 'is not a path', expected, at });
}

// Services name its file alike.
function checkUnique(secret: Secret): void {
  const { host, secretName: name, node } = secret;
  const other = node.root.node
    .findAll()
    .find(
      (each) =>
        each instanceof Secret && each !== secret && each.secretName === name && each.host.address === host.address,
    );
  if (other)
    fail({
      action: 'name a secret',
      value: name,
      problem: `${other.node.path} has that name on the same host`,
      expected: 'another `name`',
      at: node.path,
    });
}
