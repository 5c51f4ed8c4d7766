import { findObstacle } from '../../lib/provider/preflight';

const terraform = {
  TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
  PLUGIN_PROTOCOL_VERSIONS: '5,6',
};

describe('preflight', () => {
  test.each(['20.12.0', '20.20.2', '22.0.0', '100.1.0'])('lets a plugin on node %s run', (version) => {
    expect(findObstacle(terraform, version)).toBeUndefined();
  });

  test('tells who starts it by hand that it is no command', () => {
    expect(findObstacle({}, '20.20.2')).toEqual({
      stream: 'stderr',
      message: 'This is the Terraform provider of Bulkhead: Terraform starts it, do not run it yourself',
    });
  });

  test.each(['18.20.0', '20.11.9', '8.0.0'])('refuses node %s on stdout, where Terraform shows it', (version) => {
    const obstacle = findObstacle(terraform, version);
    expect(obstacle?.stream).toBe('stdout');
    expect(obstacle?.message).toBe(
      `Cannot run the Bulkhead provider on node ${version}: expected 20.12 or newer (at ${process.execPath})`,
    );
  });

  test.each(['5', '', undefined])('refuses a Terraform with the protocols %p', (versions) => {
    const obstacle = findObstacle({ ...terraform, PLUGIN_PROTOCOL_VERSIONS: versions }, '20.20.2');
    expect(obstacle?.message).toMatch('it lacks plugin protocol 6, expected Terraform 1.0 or newer');
  });
});
