import { asFound, isGone } from '../../lib/provider/service-state';
import { hostWith, web } from '../engine/fixtures';

const path = '/etc/systemd/system/web.service';

describe('isGone', () => {
  test('not while anything of the service is left', () => {
    expect(isGone(hostWith([web]), web)).toBe(false);
    expect(
      isGone(
        hostWith([web], ({ records }) => records.clear()),
        web,
      ),
    ).toBe(false);
    expect(isGone(hostWith([]), web)).toBe(true);
  });

  test('when another stack or project has taken the name', () => {
    expect(isGone(hostWith([{ ...web, project: 'b' }]), { ...web, project: 'a' })).toBe(true);
    expect(isGone(hostWith([web]), { ...web, project: 'a' })).toBe(false);
    expect(isGone(hostWith([{ ...web, stack: 'blog', path: 'blog/host/web' }]), web)).toBe(true);
  });
});

describe('asFound', () => {
  test('is the manifest when the host matches', () => {
    expect(asFound(hostWith([web]), web)).toEqual(web);
  });

  test('shows what was changed, value by value', () => {
    const actual = hostWith([web], ({ files, units }) => {
      files.set(path, { type: 'file', content: Buffer.from('other'), mode: '0600', owner: 'nobody', group: 'daemon' });
      const unit = units.get('web.service');
      if (unit) units.set('web.service', { ...unit, activeState: 'failed', unitFileState: 'disabled' });
    });
    const { files, units } = asFound(actual, web);
    expect(files[path]).toEqual({ content: 'other', mode: '0600', owner: 'nobody', group: 'daemon' });
    expect(units['web.service']).toMatchObject({ state: 'failed', enabled: false });
  });

  test('lacks an object that is gone, and keeps one that a host does not have to show', () => {
    const root = { spec: { image: 'a'.repeat(64) } };
    const machine = { ...web, objects: { 'machine-root:/var/lib/machines/web': root, 'subnet:10.64.0.0/18': {} } };
    const actual = hostWith([machine], ({ objects }) => objects.clear());
    expect(Object.keys(asFound(actual, machine).objects)).toEqual(['subnet:10.64.0.0/18']);
  });

  test('shows the construct that applied it last', () => {
    expect(asFound(hostWith([{ ...web, path: 'shop/host/front' }]), web).path).toBe('shop/host/front');
  });
});
