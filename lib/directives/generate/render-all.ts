import { CATALOGS, type Format } from '../catalog';
import { renderEnums } from './render-enums';
import { renderFormat } from './render-format';

/** Every generated file of this room: its name and its text. */
export function renderAll(): Record<string, string> {
  const formats = Object.keys(CATALOGS) as Format[];
  return Object.fromEntries([
    ['enums.generated.ts', renderEnums()],
    ...formats.map((format) => [`${format}.generated.ts`, renderFormat(format)]),
  ]);
}
