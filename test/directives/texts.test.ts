import { CATALOGS, type Format } from '../../lib/directives/catalog';
import { renderFormat } from '../../lib/directives/generate/render-format';
import { TEXTS, textsOf } from '../../lib/directives/generate/texts';
import { COMMON_KEYS } from './support/common-keys';

const formats = Object.keys(TEXTS) as Format[];
const texts = formats.flatMap((format) =>
  Object.entries(TEXTS[format]).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, text]) => ({ format, section, key, text, at: `${format} ${section}.${key}` })),
  ),
);

function partsOf(format: Format) {
  const { sections, mixins = {} } = CATALOGS[format];
  return { ...mixins, ...sections };
}

/** The sections and mixins that show a text. */
function shownIn({ format, section, key }: (typeof texts)[number]): string[] {
  const own = (name: string) => TEXTS[format][name]?.[key] !== undefined;
  const parts = Object.entries(partsOf(format)).filter(([, { keys }]) => keys[key]);
  return parts.flatMap(([name]) => (section === name || (section === '*' && !own(name)) ? [name] : []));
}

describe('the hover texts', () => {
  test('name keys of the catalogs', () => {
    expect(texts.filter((text) => shownIn(text).length === 0).map(({ at }) => at)).toEqual([]);
  });

  test('are shared where several sections have the same one', () => {
    const repeated = texts.filter(
      ({ format, section, key, text }) => section !== '*' && TEXTS[format]['*']?.[key] === text,
    );
    expect(repeated.map(({ at }) => at)).toEqual([]);
    expect(texts.filter((text) => text.section === '*' && shownIn(text).length < 2).map(({ at }) => at)).toEqual([]);
  });

  test('leave out what is deprecated', () => {
    const entries = texts.flatMap((text) =>
      shownIn(text).map((name) => ({ at: text.at, entry: partsOf(text.format)[name]?.keys[text.key] })),
    );
    expect(entries.filter(({ entry }) => entry?.deprecated || entry?.ignoredSince).map(({ at }) => at)).toEqual([]);
  });

  test('are one short line that ends with a full stop', () => {
    // A comment would end at `*/`, and an `@` would begin a tag.
    const badly = texts.filter(
      ({ text }) => text.length > 110 || !/^[A-Z`0-9].+\.$/.test(text) || /\*\/|@|\s{2}/.test(text),
    );
    expect(badly.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });

  test('say what the 300 most used keys do', () => {
    const common = Object.entries(COMMON_KEYS).flatMap(([format, sections]) =>
      Object.entries(sections).flatMap(([section, names]) =>
        names
          .trim()
          .split(/\s+/)
          .map((key) => ({ format: format as Format, section, key })),
      ),
    );
    expect(common).toHaveLength(300);
    expect(common.filter(({ format, section, key }) => !textsOf(format, section)[key])).toEqual([]);
  });

  test('stand in front of the type, the version and the page', () => {
    expect(renderFormat('unit')).toContain(
      '  /** User that the commands run as. The default is root for system services. Name or number. @see systemd.exec(5) */\n  readonly User?:',
    );
    const quadlet = renderFormat('quadlet');
    expect(quadlet.match(/Options of the podman command for which there is no key\. @since podman/g)).toHaveLength(8);
    expect(quadlet).toContain('  /** @since podman 4.4 @see podman-systemd.unit(5) */\n  readonly EnvironmentHost?:');
  });
});
