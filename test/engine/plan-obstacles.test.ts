import { planRemoval, planService } from '../../lib/engine';
import { edit, hostWith, running, UNIT, web } from './fixtures';

describe('what stands in the way', () => {
  const foreignFile = hostWith([], ({ files }) =>
    files.set(UNIT, { type: 'file', content: Buffer.from('theirs'), mode: '0644', owner: 'root', group: 'root' }),
  );
  test('a foreign file is an obstacle that says how to adopt it', () => {
    const [obstacle] = planService(foreignFile, web).obstacles;
    expect(obstacle).toMatchObject({ at: ['files', UNIT], problem: expect.stringContaining('did not create') });
    expect(obstacle?.advice).toContain('adopt: true');
  });

  test('adopt takes a foreign file over', () => {
    expect(planService(foreignFile, { ...web, adopt: true }).obstacles).toEqual([]);
  });

  test('a unit that the distribution ships is not shadowed', () => {
    const state = hostWith([], ({ units }) =>
      units.set('web.service', { ...running, fragmentPath: '/usr/lib/systemd/system/web.service' }),
    );
    expect(planService(state, web).obstacles[0]?.problem).toContain('/usr/lib/systemd/system/web.service');
  });

  describe('a file of the distribution that has no unit of its own', () => {
    const file = { content: '[Service]\n', mode: '0644', owner: 'root', group: 'root' };
    const hides = (path: string, more = {}) => ({ ...web, files: { ...web.files, [path]: file }, ...more });
    const theirs = (path: string) =>
      hostWith([], ({ files }) => files.set(path, { ...file, type: 'file', content: Buffer.from('theirs') }));

    test.each([
      ['/etc/systemd/system/user@.service', '/usr/lib/systemd/system/user@.service'],
      ['/etc/systemd/network/80-container-host0.network', '/usr/lib/systemd/network/80-container-host0.network'],
      ['/etc/systemd/system/user@.service', '/run/systemd/system/user@.service'],
    ])('is not hidden: %s', (path, other) => {
      expect(planService(theirs(other), hides(path)).obstacles).toEqual([
        expect.objectContaining({ at: ['files', path], problem: `it would hide ${other}, which the host needs` }),
      ]);
      expect(planService(theirs(other), hides(path, { adopt: true })).obstacles).toEqual([]);
    });

    test('is no reason to refuse a file in a directory of drop-ins', () => {
      const dropIn = '/etc/systemd/system/user@.service.d/x.conf';
      expect(planService(theirs('/usr/lib/systemd/system/user@.service'), hides(dropIn)).obstacles).toEqual([]);
    });
  });

  test('a service of another stack keeps its name', () => {
    const plan = planService(hostWith([{ ...web, stack: 'blog', path: 'blog/host/web' }]), web);
    expect(plan.obstacles[0]).toMatchObject({
      problem: 'a service of that name belongs to stack "blog" (blog/host/web)',
      advice: expect.stringContaining('run `bulkhead state mv web --from blog`'),
    });
  });

  test.each([
    ['b', 'run `bulkhead state mv web --from shop`'],
    [undefined, 'set `projectId` in cdktf.json to "a"'],
  ])('a service of a project does not belong to one with ID %p, which is told what to do', (project, advice) => {
    const plan = planService(hostWith([{ ...web, project: 'a' }]), { ...web, ...(project && { project }) });
    expect(plan.obstacles[0]).toMatchObject({
      problem: 'a service of that name belongs to stack "shop" of project "a" (shop/host/web)',
      advice: `if it is the same service, ${advice}; otherwise give one of the two another \`name\``,
    });
  });

  test('a service of a project stays in it', () => {
    const project = 'a';
    expect(planService(hostWith([{ ...web, project }]), { ...web, project }).obstacles).toEqual([]);
  });

  test('a service that names no project is one of whichever has the stack', () => {
    const plan = planService(hostWith([web]), { ...web, project: 'a' });
    expect(plan).toMatchObject({ obstacles: [], steps: [{ verb: 'record' }] });
  });

  test('a damaged record is an obstacle of its service alone, which says the way out', () => {
    const other = { ...web, name: 'other', files: {}, units: {} };
    const state = hostWith([web, other], ({ records, damaged }) => {
      records.delete('web');
      damaged.set('web', 'is damaged, expected the content that Bulkhead wrote');
    });
    const obstacle = {
      action: 'read the record of web',
      problem: '/var/lib/bulkhead/services/web is damaged, expected the content that Bulkhead wrote',
      advice: expect.stringContaining('adopt: true'),
    };
    expect(planService(state, web)).toMatchObject({ steps: [], obstacles: [obstacle] });
    expect(planRemoval(state, 'web')).toMatchObject({ steps: [], obstacles: [obstacle] });
    expect(planService(state, other)).toMatchObject({ steps: [], obstacles: [] });
  });

  test('a directory in the place of a file is never removed', () => {
    const state = hostWith([web], ({ files }) => edit(files, UNIT, { type: 'directory' }));
    expect(planService(state, web).obstacles[0]?.problem).toBe('a directory is in its place');
  });
});
