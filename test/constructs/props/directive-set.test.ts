import { DirectiveSet } from '../../../lib/constructs/props/directive-set';

const set = () => new DirectiveSet('shop/host/web');

test('a default gives way to a prop and to what is written by hand', () => {
  const directives = set()
    .defaults('Service', { Restart: 'on-failure', ProtectHome: true })
    .prop('restart', 'Service', { Restart: 'always' })
    .defaults('Service', { Restart: 'no' })
    .byHand({ Service: { ProtectHome: false } });
  expect(directives.file(['Service'])).toEqual({ Service: { Restart: 'always', ProtectHome: false } });
});

test('a prop and a directive for the same key are refused, and both are named', () => {
  const directives = set().prop('memory', 'Service', { MemoryMax: '1G' });
  expect(() => directives.byHand({ Service: { MemoryMax: '2G' } })).toThrow(
    'Cannot set MemoryMax in directives.Service: already set by memory, expected one of the two (at shop/host/web.directives.Service)',
  );
});

test('a prop that is not given leaves its key to directives', () => {
  const directives = set()
    .prop('memory', 'Service', { MemoryMax: undefined })
    .byHand({ Service: { MemoryMax: '2G' } });
  expect(directives.file(['Service'])).toEqual({ Service: { MemoryMax: '2G' } });
});

test('units from dependencies join those that are there', () => {
  const directives = set().byHand({ Unit: { After: 'network-online.target' } });
  expect(directives.file(['Unit'], { After: ['db.service'], Wants: [] })).toEqual({
    Unit: { After: ['network-online.target', 'db.service'] },
  });
});

test('only the sections asked for are in the file', () => {
  const directives = set().defaults('Exec', { Boot: true }).defaults('Unit', { Description: 'x' });
  expect(directives.file(['Unit'])).toEqual({ Unit: { Description: 'x' } });
});
