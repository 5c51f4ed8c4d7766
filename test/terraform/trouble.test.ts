import { describeWithTerraform, type ShownDiagnostic, Workspace } from './terraform';

describeWithTerraform('trouble', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.create();
  });
  afterAll(() => workspace.remove());

  const only = (diagnostics: readonly ShownDiagnostic[]) => {
    expect(diagnostics).toHaveLength(1);
    return diagnostics[0];
  };

  test('in a configuration is shown at its place, all of it at once', async () => {
    workspace.configure({
      a: { path: 'relative', parts: { '/etc/x': { text: 'fine' }, '/etc/y': { text: 'bad' } } },
    });
    const { exitCode, diagnostics } = await workspace.validate();
    expect(exitCode).toBe(1);
    expect(diagnostics).toMatchObject([
      { summary: 'Cannot use "relative": expected an absolute path', snippet: { context: 'resource.test_file.a' } },
      { summary: 'Cannot use a bad text', detail: 'Say something nice.' },
    ]);
    expect(diagnostics.map(({ snippet }) => snippet?.code.trim())).toEqual([
      '"path": "relative",',
      expect.stringContaining('"text": "bad"'),
    ]);
  });

  test('of an unexpected kind is shown with its stack, in every phase', async () => {
    const path = workspace.path('a.json');
    workspace.configure({ a: { path, trouble: 'plan throws' } });
    const plan = only((await workspace.plan()).diagnostics);
    expect(plan?.summary).toBe('Internal error of the provider: plan went wrong');
    expect(plan?.detail).toMatch(
      /This is a bug in the provider, please report it\.\s+TypeError: plan went wrong\s+at /,
    );

    workspace.configure({ a: { path, trouble: 'throws' } });
    expect(only((await workspace.apply()).diagnostics)?.summary).toMatch('apply went wrong');
    expect(workspace.state('a')).toBeUndefined();
  });

  test('in the middle of a creation leaves a tainted object, which is replaced next time', async () => {
    workspace.configure({ a: { path: workspace.path('a.json'), content: 'x', trouble: 'half made' } });
    const { diagnostics } = await workspace.apply();
    expect(only(diagnostics)).toMatchObject({
      summary: 'Only half of it was made',
      snippet: { code: expect.stringContaining('"content": "x"') },
    });
    expect(workspace.state('a')?.status).toBe('tainted');

    workspace.configure({ a: { path: workspace.path('a.json'), content: 'x', trouble: 'warning' } });
    const again = await workspace.apply();
    expect(again.exitCode).toBe(0);
    expect(only(again.diagnostics)).toMatchObject({ severity: 'warning', summary: 'Mind the gap' });
    expect(workspace.state('a')?.status).toBeUndefined();
  });

  test('in an update or a deletion leaves the state as it was', async () => {
    const path = workspace.path('a.json');
    workspace.configure({ a: { path, content: 'y', trouble: 'throws' } });
    expect((await workspace.apply()).exitCode).toBe(1);
    expect(workspace.state('a')?.attributes.content).toBe('x');

    workspace.configure({ a: { path, content: 'x', trouble: 'delete fails' } });
    await workspace.apply();
    expect(only((await workspace.destroy()).diagnostics)).toMatchObject({ summary: 'Cannot delete it' });
    expect(workspace.state('a')?.attributes.content).toBe('x');

    workspace.configure({ a: { path, content: 'x', trouble: 'read throws' } });
    await workspace.apply('-refresh=false');
    expect(only((await workspace.plan()).diagnostics)?.summary).toMatch('read went wrong');
    workspace.configure({ a: { path, content: 'x' } });
    expect((await workspace.apply('-refresh=false')).exitCode).toBe(0);
  });

  test('that nobody catches is shown as a crash of the provider, with its stack', async () => {
    workspace.configure({ a: { path: workspace.path('uncaught.json'), trouble: 'uncaught' } });
    const { exitCode, output } = await workspace.apply();
    expect(exitCode).toBe(1);
    expect(output).toContain('Stack trace from the terraform-provider-test');
    expect(output).toMatch(/panic: Error: thrown where nobody catches/);
  });

  test('is not what a stray line on the console makes', async () => {
    workspace.configure({ a: { path: workspace.path('noise.json'), trouble: 'noise' } });
    expect(await workspace.apply()).toMatchObject({ exitCode: 0, diagnostics: [] });
  });
});
