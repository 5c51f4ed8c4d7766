import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderAll } from '../../lib/directives/generate/render-all';

const folder = join(__dirname, '..', '..', 'lib', 'directives');

describe('the generated types', () => {
  test.each(Object.entries(renderAll()))('%s is what `npm run generate` makes of the catalogs', (name, text) => {
    expect(text).toBe(readFileSync(join(folder, name), 'utf8'));
  });

  test('are made the same twice', () => {
    expect(renderAll()).toEqual(renderAll());
  });
});
