import { writeFileSync } from 'node:fs';
import { describeWithTerraform, Workspace } from './terraform';

describeWithTerraform('state', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.create();
  });
  afterAll(() => workspace.remove());

  /** Changes what the state has about a resource. */
  function edit(name: string, change: (instance: Record<string, unknown>) => void): void {
    const state = JSON.parse(workspace.read('terraform.tfstate'));
    change(state.resources.find((resource: { name: string }) => resource.name === name).instances[0]);
    writeFileSync(workspace.path('terraform.tfstate'), JSON.stringify({ ...state, serial: state.serial + 1 }));
  }

  test('takes in what is there already, by its ID', async () => {
    const path = workspace.path('there.json');
    const config = { path, content: 'there', parts: { x: { text: 'abc' } } };
    workspace.configure({ there: config });
    await workspace.apply();
    const before = workspace.state('there')?.attributes;
    await workspace.succeed(['state', 'rm', 'test_file.there']);
    expect(workspace.state('there')).toBeUndefined();

    await workspace.succeed(['import', 'test_file.there', path]);
    expect(workspace.state('there')?.attributes).toEqual(before);
    expect((await workspace.plan()).exitCode).toBe(0);
  });

  test('takes in what an import block names, and says why it cannot', async () => {
    await workspace.succeed(['state', 'rm', 'test_file.there']);
    const path = workspace.path('there.json');
    const config = { path, content: 'there', parts: { x: { text: 'abc' } } };
    const blockFor = (id: string) => ({ import: [{ to: 'test_file.there', id }] });
    workspace.configure({ there: config }, blockFor('/nowhere'));
    expect((await workspace.plan()).diagnostics).toMatchObject([{ summary: 'Cannot import "/nowhere": no such file' }]);
    workspace.configure({ there: config }, blockFor(path));
    expect((await workspace.apply()).output).toContain('"import":1');
    expect((await workspace.plan()).exitCode).toBe(0);
  });

  test('follows a resource that moved', async () => {
    const config = { path: workspace.path('there.json'), content: 'there', parts: { x: { text: 'abc' } } };
    workspace.configure({ here: config }, { moved: [{ from: 'test_file.there', to: 'test_file.here' }] });
    const { output } = await workspace.apply();
    expect(output).toContain('"add":0,"change":0');
    expect(workspace.state('here')?.attributes.content).toBe('there');
    expect(workspace.state('there')).toBeUndefined();
  });

  test('keeps private data from operation to operation', async () => {
    const privateOf = () =>
      JSON.parse(Buffer.from(workspace.state('here')?.private ?? '', 'base64').toString() || '{}');
    const { plans } = privateOf();
    const config = { path: workspace.path('there.json'), content: 'changed' };
    workspace.configure({ here: config });
    await workspace.apply();
    expect(privateOf().plans).toBe((plans ?? 0) + 1);
  });

  test('of an older schema is upgraded', async () => {
    edit('here', (instance) => {
      const { content, ...attributes } = instance.attributes as Record<string, unknown>;
      Object.assign(instance, { schema_version: 0, attributes: { ...attributes, text: content } });
    });
    expect(await workspace.plan()).toMatchObject({ exitCode: 0, diagnostics: [] });
    await workspace.succeed(['apply', '-refresh-only', '-auto-approve']);
  });

  test('of the same schema may have attributes that are gone', async () => {
    edit('here', (instance) => {
      Object.assign(instance.attributes as object, { gone: 'long ago' });
    });
    expect(await workspace.plan()).toMatchObject({ exitCode: 0, diagnostics: [] });
  });

  test('of a newer schema is refused', async () => {
    edit('here', (instance) => {
      instance.schema_version = 2;
    });
    const { exitCode, diagnostics } = await workspace.plan();
    expect(exitCode).toBe(1);
    expect(diagnostics[0]?.summary).toMatch(/newer|version 2/);
  });
});
