import { Construct } from 'constructs';
import { type ObjectPart, objectKey, SECRET_NAME } from '../../manifest/index';
import { Token } from '../cdktf';
import { Host } from '../host/host';
import { fail } from '../problem';
import { checkWords } from '../props/command';
import { checkProps, type KnownProps } from '../props/known-props';
import { idsBelow } from './service-name';

/** Where the value of a secret comes from: exactly one of the sources. */
export interface SecretProps {
  /**
   * Name by which services find it: letters, digits, `_`, `.` and `-`. Two secrets of a host can't have the same.
   * @default - the construct ids below the host, joined by `-`
   */
  readonly name?: string;
  /**
   * Name of an environment variable of whoever plans and applies. All of its text is the value.
   * @default - another source
   */
  readonly environmentVariable?: string;
  /**
   * Path of a file on the machine that plans and applies, byte for byte. A relative path starts at the directory of the
   * nearest cdktf.json above the working directory, or without one at the working directory.
   * @default - another source
   */
  readonly file?: string;
  /**
   * A program on the machine that plans and applies, and its arguments, such as `['pass', 'shop/db']` or
   * `['sops', '--decrypt', '--extract', '["db"]', 'secrets.yaml']`. What it prints is the value, without a line break at
   * the end. It runs without a shell, in the directory that `file` starts from, once for each command, and asks for a
   * passphrase as it does in a terminal.
   * @default - another source
   */
  readonly command?: readonly string[];
  /**
   * A value that only Terraform knows, such as the `stringValue` of a sensitive TerraformVariable, or an attribute of
   * another resource. It reaches the provider in a write-only attribute, which needs Terraform 1.11 or OpenTofu 1.11, and
   * is in no state of a `bulkhead_service`. `bulkhead apply` refuses it. A plan that is saved in a file holds the values
   * of variables, unless they are ephemeral: `variable.addOverride('ephemeral', true)`.
   * @default - another source
   */
  readonly value?: string;
  /**
   * Letters and digits that the host makes up once and that nobody else ever sees. All services of the host that are given
   * the secret have the same. It is deleted with the last of them, and made anew when it is lost, with a restart of all.
   * @default - another source
   */
  readonly generate?: {
    /**
     * How many letters and digits, from 16 to 1024. It has no effect on what is generated already.
     * @default 32
     */
    readonly length?: number;
  };
  /**
   * Encrypts its files on the host with the key of its TPM, or without one with a key in /var/lib/systemd that only root
   * can read: systemd-creds(1). systemd decrypts it when a service starts, so that only a SystemdService, a PortableService
   * and what starts a program at certain times or events can have it. Needs systemd 250. LoadCredentialEncrypted=
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
 * A password, key or certificate for services of a host, given to them by their `secrets` prop as a file: in
 * `$CREDENTIALS_DIRECTORY/NAME` of a {@link SystemdService} or {@link PortableService}, and at `/run/secrets/NAME` in a
 * container or machine. Its value, 1 to 65536 bytes, is read when something is planned or applied and is sent to the host
 * over the connection alone. It is not in the project, `cdktf.out`, a bundle, a plan, Terraform's state, a unit, an
 * argument of a program or a message. When it changes, the services that have it restart, and no others.
 *
 * On the host: a file for each service that has it, in /var/lib/bulkhead-secrets, which only root can enter.
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

  /** @internal What the host has of it for all services: what it has generated. */
  get shared(): Readonly<Record<string, ObjectPart>> {
    const { length, spec } = this;
    if (length === undefined) return {};
    return { [objectKey('generated-secret', spec.from ?? '')]: { spec: { length: String(length) } } };
  }
}

function checkName(name: string, at: string): string {
  if (typeof name === 'string' && SECRET_NAME.test(name)) return name;
  const expected = 'letters, digits, "_", "." and "-", beginning with a letter or digit; the name prop sets another';
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
    problem: 'is not a name of one',
    expected: 'letters, digits and "_", such as "DB_PASSWORD"',
    at,
  });
}

function checkFile(path: string, at: string): string {
  const isPath = typeof path === 'string' && /^[^\0\n\p{Surrogate}]+$/u.test(path) && !Token.isUnresolved(path);
  if (isPath) return path;
  const expected = 'one known at synthesis, such as "./db-password"';
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
