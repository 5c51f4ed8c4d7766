import { rmSync, writeFileSync } from 'node:fs';
import { describeWithTerraform, Workspace } from './terraform';

describeWithTerraform('the life of a resource', () => {
  let workspace: Workspace;
  const config = () => ({
    path: workspace.path('a.json'),
    content: 'one',
    port: 0.1,
    tags: ['x', 'y'],
    labels: { a: 'b', none: null },
    owner: { name: 'me', admin: true },
    parts: { '/etc/x.conf': { text: 'abc', note: 'private' }, '/etc/y.conf': { text: '' } },
    token: 'never kept',
  });

  beforeAll(async () => {
    workspace = await Workspace.create();
  });
  afterAll(() => workspace.remove());

  test('its schema is what the resource says', async () => {
    const { provider_schemas } = JSON.parse(await workspace.succeed(['providers', 'schema', '-json']));
    const [{ resource_schemas }] = Object.values(provider_schemas) as [{ resource_schemas: Record<string, object> }];
    expect(resource_schemas).toMatchObject({
      test_file: {
        version: 1,
        block: {
          description: 'A JSON file.',
          attributes: {
            path: { type: 'string', required: true, description: 'Where it lies.' },
            labels: { type: ['map', 'string'], optional: true },
            digests: { type: ['map', 'string'], computed: true },
            token: { sensitive: true, write_only: true },
            owner: { nested_type: { nesting_mode: 'single', attributes: { admin: { type: 'bool', optional: true } } } },
            parts: { nested_type: { nesting_mode: 'map', attributes: { note: { sensitive: true } } } },
          },
        },
      },
    });
  });

  test('a configuration that is fine validates', async () => {
    workspace.configure({ a: config() });
    expect(await workspace.validate()).toMatchObject({ exitCode: 0, diagnostics: [] });
  });

  test('is created, with computed attributes and without write-only ones', async () => {
    expect((await workspace.plan()).exitCode).toBe(2);
    expect(workspace.exists('a.json')).toBe(false);
    expect(await workspace.apply()).toMatchObject({ exitCode: 0, diagnostics: [] });

    const { token: _, ...kept } = config();
    const computed = {
      id: kept.path,
      parts: {
        '/etc/x.conf': { text: 'abc', note: 'private', size: 3 },
        '/etc/y.conf': { text: '', note: null, size: 0 },
      },
      digests: {
        '/etc/x.conf': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        '/etc/y.conf': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    };
    expect(workspace.state('a')?.attributes).toEqual({ ...kept, ...computed, token: null, trouble: null });
    expect(workspace.read('a.json.token')).toBe('never kept');
    expect(workspace.read('terraform.tfstate')).not.toContain('never kept');
  });

  test('needs nothing more after that', async () => {
    expect(await workspace.plan()).toMatchObject({ exitCode: 0, diagnostics: [] });
  });

  test('is put right when it was changed by someone else', async () => {
    writeFileSync(
      workspace.path('a.json'),
      JSON.stringify({ ...JSON.parse(workspace.read('a.json')), content: 'two' }),
    );
    const { exitCode, output } = await workspace.apply();
    expect(exitCode).toBe(0);
    expect(output).toContain('"action":"update"');
    expect(JSON.parse(workspace.read('a.json')).content).toBe('one');
    expect((await workspace.plan()).exitCode).toBe(0);
  });

  test('is created anew when it is gone', async () => {
    rmSync(workspace.path('a.json'));
    const { exitCode, output } = await workspace.apply();
    expect(exitCode).toBe(0);
    expect(output).toContain('"action":"create"');
    expect(workspace.exists('a.json')).toBe(true);
  });

  test('is updated in place, and only what is computed from the change becomes unknown', async () => {
    workspace.configure({ a: { ...config(), content: 'three' } });
    await workspace.succeed(['plan', '-out=plan']);
    const { resource_changes } = JSON.parse(await workspace.succeed(['show', '-json', 'plan']));
    expect(resource_changes[0].change).toMatchObject({
      actions: ['update'],
      after: { id: workspace.path('a.json'), content: 'three', digests: expect.objectContaining({}) },
      after_unknown: { parts: { '/etc/x.conf': { size: true } } },
    });
    expect(await workspace.apply('plan')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(workspace.read('a.json')).content).toBe('three');
  });

  test('is replaced on a change that requires it, and on no other', async () => {
    const path = (name: string) => workspace.path(`${name}.json`);
    const before = { content: 'old', owner: { name: 'me' } };
    const names = ['flagged', 'inside', 'gone', 'named', 'other'];
    workspace.configure(Object.fromEntries(names.map((name) => [name, { ...before, path: path(name) }])));
    await workspace.apply();

    workspace.configure({
      flagged: { ...before, path: path('moved') },
      inside: { ...before, path: path('inside'), owner: { name: 'you' } },
      gone: { ...before, path: path('gone'), owner: null },
      named: { ...before, path: path('named'), content: 'a new file' },
      other: { ...before, path: path('other'), owner: { name: 'me', admin: true } },
    });
    await workspace.succeed(['plan', '-out=plan']);
    const { resource_changes } = JSON.parse(await workspace.succeed(['show', '-json', 'plan']));
    const changes = resource_changes.map((planned: { name: string; change: Record<string, unknown> }) => [
      planned.name,
      planned.change.replace_paths ?? planned.change.actions,
    ]);
    expect(Object.fromEntries(changes)).toEqual({
      flagged: [['path']],
      inside: [['owner', 'name']],
      gone: [['owner']],
      named: [['content']],
      other: ['update'],
    });
    expect(await workspace.apply('plan')).toMatchObject({ exitCode: 0, diagnostics: [] });
    expect(workspace.exists('flagged.json')).toBe(false);
    expect(workspace.exists('moved.json')).toBe(true);
  });

  test('is destroyed', async () => {
    expect(await workspace.destroy()).toMatchObject({ exitCode: 0, diagnostics: [] });
    expect(['inside', 'moved', 'other'].some((name) => workspace.exists(`${name}.json`))).toBe(false);
    expect(JSON.parse(workspace.read('terraform.tfstate')).resources).toEqual([]);
  });
});
