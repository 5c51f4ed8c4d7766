import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, TerraformOutput, TerraformStack, TerraformVariable, Token } from 'cdktf';
import { type WriteOptions, writeSpec } from '../../lib/directives';
import { hasToken, TOKEN, tokenEscaper, toTemplate } from '../../lib/rendering/tokens';
import { temporaryDirectory } from '../constructs/testing';
import { writeNspawn, writeQuadlet, writeUnit } from '../directives/support/read-write';
import fc from '../fast-check';

test('a token is found in any text, and numbers that stand for one are, too', () => {
  const number = Token.asNumber({ resolve: () => 8080, creationStack: [] });
  expect(hasToken(Token.asString({ resolve: () => 'x', creationStack: [] }))).toBe(true);
  expect(hasToken(`Port=${number}`)).toBe(true);
  for (const text of ['', '${HOME}', '1e+21', '-1.5', 'e+298', '${TfToken}']) expect(hasToken(text)).toBe(false);
});

test.each([
  ['${HOME} %{x} $HOME 100%', '$${HOME} %%{x} $HOME 100%'],
  ['$${x} %%{y}', '$$${x} %%%{y}'],
  ['${TfToken[TOKEN.1]}', '${TfToken[TOKEN.1]}'],
  ['a ${x} ${TfToken[TOKEN.1]} ${y}', 'a $${x} ${TfToken[TOKEN.1]} $${y}'],
  ['$${TfToken[TOKEN.1]}', '${"$"}${TfToken[TOKEN.1]}'],
  ['$$${TfToken[TOKEN.1]}$', '${"$$"}${TfToken[TOKEN.1]}$'],
  ['\ufeffa \ufeff', '${"\\ufeff"}a \ufeff'],
])('toTemplate(%j) is %j', (text, template) => {
  expect(toTemplate(text)).toBe(template);
});

test('a text without tokens is a template of itself', () => {
  // Reads a template as Terraform does where there is nothing to interpolate.
  const evaluate = (template: string) => template.replaceAll(/\$\$\{|%%\{/g, (doubled) => doubled.slice(1));
  fc.assert(
    fc.property(fc.stringMatching(/^[$%{}a ]*$/), (text) => {
      expect(evaluate(toTemplate(text))).toBe(text);
    }),
  );
});

const isMissing = spawnSync('terraform', ['version']).status !== 0;
const terraform = isMissing ? test.skip : test;
const because = isMissing ? ' (skipped: terraform is not installed)' : '';

/** What Terraform makes of texts with a variable in them. */
function evaluate(value: string, texts: (token: string) => Record<string, string>): Record<string, string> {
  const app = new App({ outdir: temporaryDirectory() });
  const stack = new TerraformStack(app, 'test');
  const variable = new TerraformVariable(stack, 'value', { type: 'string', default: value });
  for (const [id, text] of Object.entries(texts(variable.stringValue)))
    new TerraformOutput(stack, id, { value: toTemplate(text), staticId: true });
  app.synth();
  const run = (...args: string[]) =>
    execFileSync('terraform', args, { cwd: join(app.outdir, 'stacks', 'test'), encoding: 'utf8', stdio: 'pipe' });
  run('init', '-input=false');
  run('apply', '-auto-approve', '-input=false', `-state=${join(app.outdir, 'state')}`);
  const { outputs } = JSON.parse(readFileSync(join(app.outdir, 'state'), 'utf8'));
  return Object.fromEntries(Object.entries(outputs).map(([id, output]) => [id, (output as { value: string }).value]));
}

describe(`the value of a token, once Terraform knows it, stands in a file like a literal${because}`, () => {
  // A blank, so that the literal is quoted as a token always is.
  const files = (value: string, options?: WriteOptions): Record<string, string> => ({
    exec: writeUnit({ Service: { ExecStart: ['/bin/x', ` ${value}`, `$ $${value}$\${x}`] } }, options),
    environment: writeUnit({ Service: { Environment: { A: ` ${value}` } } }, options),
    quadlet: writeQuadlet({ Container: { Exec: ['x', ` ${value}`], Environment: { A: ` ${value}` } } }, options),
  });
  const oneLine = (value: string, options?: WriteOptions): Record<string, string> => ({
    path: writeUnit({ Service: { ReadOnlyPaths: `/ ${value}` } }, options),
    nspawn: writeNspawn({ Exec: { Parameters: ['x', ` ${value}`] } }, options),
    raw: writeUnit({ Unit: { Description: `a ${value} b` } }, options),
    plain: `$${value} \${HOME} $\${HOME} %{x} ${value}`,
  });
  const tokens = { tokens: tokenEscaper };

  terraform.each(['a "b" $HOME ${HOME} %h %{x} $$ \\ \'c\' é:;', '$', '%%{y}$${x}', 'a\\b', '"', '/^a/'])(
    '%j',
    (value) => {
      const all = (text: string, options?: WriteOptions) => ({ ...files(text, options), ...oneLine(text, options) });
      expect(evaluate(value, (token) => all(token, tokens))).toEqual(all(value));
    },
  );

  terraform('line breaks and tabs, where the format can write them', () => {
    const value = 'a\tb\nc\r';
    expect(evaluate(value, (token) => files(token, tokens))).toEqual(files(value));
  });

  terraform.each(['a\nExecStart=/bin/evil', 'a\r'])(
    '%j is an error of Terraform where it would add a line',
    (value) => {
      for (const id of ['path', 'nspawn', 'raw'])
        expect(() => evaluate(value, (token) => ({ text: oneLine(token, tokens)[id] ?? '' }))).toThrow(
          'Call to function "regex" failed',
        );
    },
  );

  terraform.each<[string, (token: string) => string]>([
    ['', (token) => writeQuadlet({ Container: { Exec: ['a', token, 'b'] } }, tokens)],
    [';', (token) => writeQuadlet({ Container: { Exec: ['a', token, 'b'] } }, tokens)],
    ['a\r\nb', (token) => writeQuadlet({ Container: { Environment: { A: token } } }, tokens)],
    ['"a"', (token) => writeQuadlet({ Container: { HostName: token } }, tokens)],
    [`it's`, (token) => writeUnit({ Service: { BindPaths: `/a/${token}` } }, tokens)],
  ])('%j is an error where it would be lost', (value, text) => {
    expect(() => evaluate(value, (token) => ({ text: text(token) }))).toThrow('Call to function "regex" failed');
  });

  terraform('every character, where the format is JSON', () => {
    const value = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1)).join('');
    const { text = '' } = evaluate(value, (token) => ({
      text: writeSpec({ process: { cwd: '/', args: [token] }, root: { path: '/' } }, tokenEscaper),
    }));
    expect(JSON.parse(text).process.args).toEqual([value]);
  });

  terraform('what looks like a template stays, also in a text with carriage returns', () => {
    const text = (token: string) =>
      `\${a} $\${b} %{c}\na\r\nb\r\${d} $\${e} $$\${f} %{g} %%{h} \u0001 $${token} ${token}\r`;
    expect(evaluate('x', (token) => ({ text: text(token) }))).toEqual({ text: text('x') });
  });

  terraform('a byte order mark stays', () => {
    expect(evaluate('x', (token) => ({ text: `\ufeff${token}` }))).toEqual({ text: '\ufeffx' });
  });

  terraform('a backslash at the end is an error where it would continue the line', () => {
    expect(() => evaluate('a\\', (token) => ({ text: oneLine(token, tokens).raw ?? '' }))).toThrow(/regex/);
  });
});

test('a number needs no escaping', () => {
  const number = Token.asNumber({ resolve: () => 8080, creationStack: [] });
  expect(tokenEscaper.escape(String(number), [['"', '\\"']])).toBe(String(number));
  expect(String(number)).toMatch(TOKEN);
});
