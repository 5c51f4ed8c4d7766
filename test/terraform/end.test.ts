import { readdirSync, rmSync } from 'node:fs';
import { describeWithTerraform, isAlive, until, Workspace } from './terraform';

describeWithTerraform('the end', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.create();
  });
  beforeEach(() => {
    for (const name of ['terraform.tfstate', 'a.json.pid', 'closed']) rmSync(workspace.path(name), { force: true });
  });
  afterAll(() => workspace.remove());

  const sockets = () => readdirSync(workspace.directory).filter((name) => name.startsWith('plugin'));

  /** Starts an apply that does not end by itself, and waits until it is in the middle of it. */
  async function startApply(trouble: 'waits' | 'hangs') {
    workspace.configure({ a: { path: workspace.path('a.json'), trouble } });
    // With a log, so that there is something to say when nobody listens any more.
    const env = { TEST_CLOSED: workspace.path('closed'), TF_LOG_PROVIDER: 'error' };
    const terraform = workspace.start(['apply', '-json', '-auto-approve'], env);
    const provider = Number(await until(() => workspace.exists('a.json.pid') && workspace.read('a.json.pid')));
    const closed = () => workspace.exists('closed') && workspace.read('closed').split('\n').includes(String(provider));
    return { terraform, provider, closed };
  }

  test('comes by itself: every process closes its connections, ends and leaves nothing behind', async () => {
    workspace.configure({ a: { path: workspace.path('a.json') } });
    await workspace.run(['apply', '-auto-approve'], { TEST_CLOSED: workspace.path('closed') });
    const pids = workspace.read('closed').trim().split('\n').map(Number);
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(sockets()).toEqual([]);
  });

  test('by Ctrl-C comes soon, with a word on it, and the connections are closed', async () => {
    const { terraform, provider, closed } = await startApply('waits');
    process.kill(-terraform.pid, 'SIGINT');
    const { exitCode, diagnostics } = await terraform.ended;
    expect(exitCode).toBe(1);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ summary: 'Interrupted', detail: 'Terraform was told to stop.' }),
    );
    expect(closed()).toBe(true);
    expect(isAlive(provider)).toBe(false);
    expect(sockets()).toEqual([]);
  });

  test('by a second Ctrl-C comes even if an operation does not listen', async () => {
    const { terraform, provider } = await startApply('hangs');
    process.kill(-terraform.pid, 'SIGINT');
    await until(() => terraform.output().includes('Interrupt received'));
    process.kill(-terraform.pid, 'SIGINT');
    expect((await terraform.ended).exitCode).toBe(1);
    await until(() => !isAlive(provider));
  });

  test('of a Terraform that is killed is the end of the provider, connections and socket included', async () => {
    const { terraform, provider, closed } = await startApply('waits');
    process.kill(terraform.pid, 'SIGKILL');
    await until(() => !isAlive(provider));
    expect(closed()).toBe(true);
    expect(sockets()).toEqual([]);
  });

  test('of the provider is told by Terraform', async () => {
    const { terraform, provider } = await startApply('waits');
    // Leaves its socket behind, as no one can help.
    process.kill(provider, 'SIGKILL');
    const { exitCode, diagnostics } = await terraform.ended;
    expect(exitCode).toBe(1);
    expect(diagnostics).toContainEqual(expect.objectContaining({ summary: 'Plugin did not respond' }));
  });
});
