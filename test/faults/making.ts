import { type Host, Image, reset } from 'bulkhead';
import { TerraformVariable } from 'cdktf';
import { Lab } from '../../lib/lab';

/** Applies lead from one side to the other and back: some services change, some leave, and others come. */
export type Side = 'a' | 'b';

/** What is killed: an apply, an apply of a version that fails, so that services go back, or a rollback. */
export type Deed = 'apply' | 'failing apply' | 'rollback';

export const RENDERINGS = ['bulkhead', 'terraform'] as const;
export type Rendering = (typeof RENDERINGS)[number];

/** What services are made with, beside their side. */
export interface Making {
  readonly rendering: Rendering;
  /** Whether the version of the side is to fail, where that is what is killed. */
  readonly fails: boolean;
  /** Makes a directory of files on this machine, by their names, and returns its path. */
  readonly makeDirectory: (files: Readonly<Record<string, string>>) => string;
}

export const IDLE = ['/usr/bin/sleep', 'infinity'];

/** systemd loads a program into the kernel for it at each start, which takes longer than all the rest. */
export const QUICK = { Service: { SocketBindDeny: reset([]) } } as const;

export const SECONDS = { a: '1000', b: '2000' } as const;

export const image = () => Image.ociArchive(Lab.images().ociArchive);

/** The image of a side. */
export const root = (side: Side) => (side === 'a' ? image() : Image.tar(Lab.images().tar));

/** Name of the environment variable that has the side, as the value of secrets. */
export const SIDE_VARIABLE = 'FAULTS_SIDE';

/** Name of the variable of Terraform that has it. */
const TERRAFORM_VARIABLE = 'faults_side';

/** The side as a value that is in no state and no plan of Terraform. */
export function sideKnownToTerraform(host: Host): string {
  const variable = new TerraformVariable(host.node.scope ?? host, TERRAFORM_VARIABLE, { sensitive: true });
  variable.addOverride('ephemeral', true);
  return variable.stringValue;
}

/** The environment of what leads to a side. */
export function environmentOf(side: Side): NodeJS.ProcessEnv {
  return { [SIDE_VARIABLE]: side, [`TF_VAR_${TERRAFORM_VARIABLE}`]: side };
}
