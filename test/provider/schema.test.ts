import { type Attributes, keptAttributes, replacePaths, type Schema, schemaMessage } from '../../lib/provider/schema';

const attributes: Attributes = {
  name: { type: 'string', required: true, requiresReplace: true, description: 'The name.' },
  host: {
    nesting: 'single',
    optional: true,
    description: 'The host.',
    attributes: { address: { type: 'string', required: true, requiresReplace: true, description: 'Its address.' } },
  },
  files: {
    nesting: 'map',
    optional: true,
    computed: true,
    sensitive: true,
    description: 'The files.',
    attributes: {
      mode: { type: 'string', optional: true, description: 'The mode.' },
      secret: { type: 'string', optional: true, writeOnly: true, description: 'Never kept.' },
    },
  },
  labels: { type: ['map', ['list', 'string']], optional: true, description: 'The labels.' },
};
const off = { required: false, optional: false, computed: false, sensitive: false, writeOnly: false };
const type = (json: string) => Buffer.from(json);

describe('schema', () => {
  test("is converted to the protocol's form", () => {
    const schema: Schema = { version: 3, description: 'A service.', attributes };
    const name = { ...off, name: 'name', description: 'The name.', required: true, type: type('"string"') };
    const address = { ...off, name: 'address', description: 'Its address.', required: true, type: type('"string"') };
    const mode = { ...off, name: 'mode', description: 'The mode.', optional: true, type: type('"string"') };
    const secret = { ...mode, name: 'secret', description: 'Never kept.', writeOnly: true };
    expect(schemaMessage(schema)).toEqual({
      version: 3,
      block: {
        description: 'A service.',
        attributes: [
          name,
          {
            ...off,
            name: 'host',
            description: 'The host.',
            optional: true,
            nestedType: { nesting: 1, attributes: [address] },
          },
          {
            ...off,
            name: 'files',
            description: 'The files.',
            optional: true,
            computed: true,
            sensitive: true,
            nestedType: { nesting: 4, attributes: [mode, secret] },
          },
          {
            ...off,
            name: 'labels',
            description: 'The labels.',
            optional: true,
            type: type('["map",["list","string"]]'),
          },
        ],
      },
    });
  });

  test('has version 0 unless it says otherwise', () => {
    expect(schemaMessage({ description: '', attributes: {} }).version).toBe(0);
  });

  test('knows the paths that require a replacement, also inside of single objects', () => {
    expect(replacePaths(attributes)).toEqual([['name'], ['host', 'address']]);
  });

  test('plan and state have every attribute but the write-only ones', () => {
    const kept = keptAttributes(attributes);
    expect(Object.keys(kept)).toEqual(Object.keys(attributes));
    expect(kept.files).toEqual({ ...attributes.files, attributes: { mode: expect.anything() } });
  });
});
