import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderAll } from './render-all';

for (const [name, text] of Object.entries(renderAll())) writeFileSync(join(__dirname, '..', name), text);
