import { Host, PodmanService, SystemdService } from 'bulkhead';
import { host, stack } from '../testing';

const make = (props: object) => new SystemdService(host(), 'web', { command: ['/bin/x'], ...props });

test('a prop that does not exist is refused, for those whom no compiler tells', () => {
  expect(() => make({ comand: [] })).toThrow(
    /^Cannot set "comand": is not a prop, expected one of address, adopt, aliases, args, .* \(at shop\/host\/web\)$/,
  );
  const misspelt = { image: 'localhost/x:1', readOnlyRot: true };
  expect(() => new PodmanService(host(), 'web', misspelt)).toThrow('Cannot set "readOnlyRot": is not a prop');
  expect(() => new Host(stack(), 'host', { address: 'local', adress: '' } as never)).toThrow('(at shop/host)');
});

test.each(['ports', 'volumes', 'dependsOn', 'capabilities', 'environmentFiles', 'command'])(
  '%s must be an array',
  (name) => {
    expect(() => make({ [name]: '80' })).toThrow(`"80": is not an array, expected [ ... ] (at shop/host/web.${name})`);
  },
);

test('a prop that is undefined is not given', () => {
  expect(() => make({ ports: undefined })).not.toThrow();
});
