import { parseUnits } from '../../../lib/engine/observe/units';

test('what only one kind of unit has counts for that unit, wherever it stands', () => {
  const text = [
    ...['Active=ours.service', ''],
    ...['Result=success', 'NRestarts=2', 'Id=web.service', 'Names=web.service', 'ActiveState=active', ''],
    ...['NextElapseUSecRealtime=@1764158400', 'Result=success', 'Id=web.timer', 'Names=web.timer', ''],
    ...['NRestarts=7', 'Result=success', 'Id=db.service', 'Names=db.service alias.service', 'MemoryCurrent=5'],
  ];
  const units = parseUnits(text.join('\n'), new Set(['ours.service']));
  expect(units.get('web.service')).toMatchObject({ restarts: '2', nextElapse: undefined, activeState: 'active' });
  expect(units.get('web.timer')).toMatchObject({ restarts: undefined, nextElapse: '@1764158400' });
  expect(units.get('db.service')).toMatchObject({ restarts: '7', memoryCurrent: '5' });
  expect(units.get('alias.service')).toEqual(units.get('db.service'));
  expect(units.get('ours.service')).toMatchObject({ activeState: 'active', unitFileState: 'enabled' });
});
