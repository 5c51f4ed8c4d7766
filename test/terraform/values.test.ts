import { writeFileSync } from 'node:fs';
import { describeWithTerraform, Workspace } from './terraform';

describeWithTerraform('values', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.create();
  });
  afterAll(() => workspace.remove());

  test('may be unknown anywhere in a plan, and are known when it is applied', async () => {
    const known = { path: workspace.path('first.json'), parts: { x: { text: 'abc' } } };
    // Of the first file only `parts.*.size` is unknown before it exists.
    const unknown = '${test_file.first.parts["x"].size}';
    workspace.configure({
      first: known,
      scalars: { path: workspace.path('scalars.json'), content: unknown, port: unknown, owner: { name: unknown } },
      elements: {
        path: workspace.path('elements.json'),
        tags: ['a', unknown],
        labels: { a: unknown },
        parts: { y: { text: unknown } },
      },
      collections: {
        path: workspace.path('collections.json'),
        tags: `\${split(",", ${unknown.slice(2, -1)})}`,
        parts: `\${{ for n in [${unknown.slice(2, -1)}] : n => { text = "t" } }}`,
        owner: `\${test_file.first.parts["x"].size == 3 ? { name = "three" } : null}`,
      },
      replaced: { path: `${workspace.directory}/\${test_file.first.parts["x"].size}.json` },
    });
    expect(await workspace.validate()).toMatchObject({ exitCode: 0, diagnostics: [] });
    await workspace.succeed(['plan', '-out=plan']);
    const { resource_changes } = JSON.parse(await workspace.succeed(['show', '-json', 'plan']));
    const unknowns = Object.fromEntries(
      resource_changes.map(({ name, change }: { name: string; change: { after_unknown: object } }) => [
        name,
        change.after_unknown,
      ]),
    );
    expect(unknowns).toMatchObject({
      first: { parts: { x: { size: true } } },
      scalars: { content: true, port: true, owner: { name: true } },
      elements: { tags: [false, true], labels: { a: true }, parts: { y: { text: true, size: true } }, digests: true },
      collections: { tags: true, parts: true, digests: true },
      replaced: { path: true, id: true },
    });

    expect(await workspace.apply('plan')).toMatchObject({ exitCode: 0, diagnostics: [] });
    expect(JSON.parse(workspace.read('scalars.json'))).toMatchObject({ content: '3', port: 3, owner: { name: '3' } });
    expect(JSON.parse(workspace.read('elements.json'))).toMatchObject({
      tags: ['a', '3'],
      parts: { y: { text: '3' } },
    });
    expect(JSON.parse(workspace.read('collections.json'))).toMatchObject({ tags: ['3'], owner: { name: 'three' } });
    expect(workspace.exists('3.json')).toBe(true);
    expect((await workspace.plan()).exitCode).toBe(0);
  });

  test('come back as they were, however odd', async () => {
    const odd = 'a\u0000b\r\n\u2028\ud83d\ude80 "quoted" \\back $${HOME} %%{if} e\u0301';
    const shown = odd.replace('$${', '${').replace('%%{', '%{').normalize('NFC');
    const numbers = [
      0,
      -1,
      0.1,
      1e-7,
      123456789.125,
      2 ** 53,
      -(2 ** 40),
      '12345678901234567890',
      '0.1234567890123456789',
    ];
    workspace.configure(
      Object.fromEntries([
        ...numbers.map((port, i) => [`n${i}`, { path: workspace.path(`n${i}.json`), port }]),
        ['text', { path: workspace.path('text.json'), content: odd, labels: { [odd]: odd, '': '' }, tags: [] }],
        ['empty', { path: workspace.path('empty.json'), content: '', labels: {}, parts: {}, tags: ['', ''] }],
      ]),
    );
    expect(await workspace.apply()).toMatchObject({ exitCode: 0, diagnostics: [] });
    expect(JSON.parse(workspace.read('text.json'))).toMatchObject({
      content: shown,
      labels: { [shown]: shown },
      tags: [],
    });
    expect(JSON.parse(workspace.read('empty.json'))).toMatchObject({
      content: '',
      labels: {},
      parts: {},
      tags: ['', ''],
    });
    expect(numbers.map((_, i) => JSON.parse(workspace.read(`n${i}.json`)).port)).toEqual(numbers);
    expect((await workspace.plan()).exitCode).toBe(0);
  });

  test('may have forty megabytes', async () => {
    const content = 'All work and no play makes Jack a dull boy.\n'.repeat((40 << 20) / 44);
    writeFileSync(workspace.path('large.txt'), content);
    workspace.configure({ large: { path: workspace.path('large.json'), content: '${file("large.txt")}' } });
    expect(await workspace.apply()).toMatchObject({ exitCode: 0, diagnostics: [] });
    expect(JSON.parse(workspace.read('large.json')).content === content).toBe(true);
  });
});
