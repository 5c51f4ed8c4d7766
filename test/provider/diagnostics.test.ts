import {
  DiagnosticError,
  diagnosticMessage,
  diagnosticOf,
  type Path,
  pathMessage,
} from '../../lib/provider/diagnostics';
import type { Attributes } from '../../lib/provider/schema';

const plain = { optional: true, description: '' };
const attributes: Attributes = {
  name: { ...plain, type: 'string' },
  labels: { ...plain, type: ['map', ['list', 'string']] },
  groups: { ...plain, type: ['set', 'string'] },
  host: { ...plain, nesting: 'single', attributes: { address: { ...plain, type: 'string' } } },
  files: { ...plain, nesting: 'map', attributes: { mode: { ...plain, type: 'string' } } },
  ports: { ...plain, nesting: 'list', attributes: { number: { ...plain, type: 'number' } } },
};
const attribute = (name: string) => ({ attributeName: name });
const key = (text: string) => ({ elementKeyString: text });
const index = (number: number) => ({ elementKeyInt: number });

describe('a path', () => {
  test.each<[Path, object[]]>([
    [['name'], [attribute('name')]],
    [
      ['host', 'address'],
      [attribute('host'), attribute('address')],
    ],
    [
      ['files', '/etc/x', 'mode'],
      [attribute('files'), key('/etc/x'), attribute('mode')],
    ],
    [
      ['ports', 0, 'number'],
      [attribute('ports'), index(0), attribute('number')],
    ],
    [
      ['ports', '1'],
      [attribute('ports'), index(1)],
    ],
    [
      ['labels', 'a.b', 2],
      [attribute('labels'), key('a.b'), index(2)],
    ],
    [
      ['files', 8080],
      [attribute('files'), key('8080')],
    ],
    [[], []],
  ])('%j is told by the schema what is an attribute, a key or an index', (path, steps) => {
    expect(pathMessage(path, attributes)).toEqual({ steps });
  });

  test.each<[Path, object[]]>([
    [['nothing', 'inside'], []],
    [['toString'], []],
    [['name', 'deeper'], [attribute('name')]],
    [
      ['files', '/etc/x', 'nothing'],
      [attribute('files'), key('/etc/x')],
    ],
    [['groups', 'x'], [attribute('groups')]],
  ])('%j ends where it leaves the schema', (path, steps) => {
    expect(pathMessage(path, attributes)).toEqual({ steps });
  });
});

describe('a diagnostic', () => {
  test("is converted to the protocol's form", () => {
    const diagnostic = { summary: 'Cannot do it', detail: 'The way out', path: ['name'] };
    const attributePath = { steps: [attribute('name')] };
    expect(diagnosticMessage('error', diagnostic, attributes)).toEqual({
      severity: 1,
      summary: 'Cannot do it',
      detail: 'The way out',
      attribute: attributePath,
    });
    expect(diagnosticMessage('warning', { summary: 'Mind' }, attributes)).toEqual({ severity: 2, summary: 'Mind' });
  });

  const calm = new AbortController().signal;

  test('is what a DiagnosticError carries', () => {
    const error = new DiagnosticError('Cannot do it', { detail: 'The way out', path: ['name'] });
    expect(error.message).toBe('Cannot do it');
    expect(diagnosticOf(error, calm)).toEqual({ summary: 'Cannot do it', detail: 'The way out', path: ['name'] });
  });

  test('of any other exception says that it is a bug, and where', () => {
    const { summary, detail } = diagnosticOf(new TypeError('x is not a function'), calm);
    expect(summary).toBe('Internal error of the provider: x is not a function');
    expect(detail).toMatch(/please report it\.\n\nTypeError: x is not a function\n {4}at .*diagnostics\.test/);
    expect(diagnosticOf('thrown text', calm).summary).toBe('Internal error of the provider: thrown text');
  });

  test("of node's AbortError is the reason of the abort", () => {
    const aborted = AbortSignal.abort(new DiagnosticError('Interrupted'));
    const abortError = new DOMException('This operation was aborted', 'AbortError');
    expect(diagnosticOf(abortError, aborted)).toEqual({ summary: 'Interrupted' });
    expect(diagnosticOf(new Error('something else'), aborted).summary).toMatch('something else');
    expect(diagnosticOf(abortError, calm).summary).toMatch('This operation was aborted');
  });
});
