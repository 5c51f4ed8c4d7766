import { lockFile, type RequiredProvider } from '../../lib/rendering/lock-file';

const provider = { file: '', version: '0.1.0-habc', hash: 'h1:xyz=' };
const OWN = `provider "terraform.bulkhead.invalid/bulkhead/bulkhead" {
  version     = "0.1.0-habc"
  constraints = "0.1.0-habc"
  hashes = [
    "h1:xyz=",
  ]
}
`;
const NULL = `provider "registry.terraform.io/hashicorp/null" {
  version     = "3.2.0"
  constraints = "3.2.0"
  hashes = [
    "h1:abc=",
  ]
}
`;
const needsNull: RequiredProvider[] = [{ source: 'hashicorp/null', constraint: '3.2.0' }];

test('a stack without other providers is locked as a whole', () => {
  expect(lockFile('', provider, [])).toBe(OWN);
});

test('an entry of an earlier version is replaced, those of others stay', () => {
  const before = `# made by terraform\n\n${NULL}\n${OWN.replaceAll('habc', 'hold')}`;
  expect(lockFile(before, provider, needsNull)).toBe(`# made by terraform\n\n${NULL}\n${OWN}`);
});

test('providers that terraform has yet to lock are named in a comment, for cdktf-cli', () => {
  const text = lockFile('', provider, [
    ...needsNull,
    { source: 'random', constraint: '~> 3.0' },
    { source: 'example.com/a/b', constraint: undefined },
  ]);
  expect(text).toBe(`${OWN}
/* Written by bulkhead: terraform init locks these
provider "registry.terraform.io/hashicorp/null" {
  constraints = "3.2.0"
}
provider "registry.terraform.io/hashicorp/random" {
  constraints = "~> 3.0"
}
provider "example.com/a/b" {
  constraints = ">= 0"
}
*/
`);
});

test('writing it again changes nothing', () => {
  for (const before of ['', NULL, `${NULL}\n${OWN}`]) {
    const once = lockFile(before, provider, needsNull);
    expect(lockFile(once, provider, needsNull)).toBe(once);
  }
});

test('the comment goes when terraform has locked all', () => {
  const rewritten = `${NULL}\n${OWN}`;
  expect(lockFile(`${lockFile('', provider, needsNull)}\n${NULL}`, provider, needsNull)).toBe(rewritten);
});
