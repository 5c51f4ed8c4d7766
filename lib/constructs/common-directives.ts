import { ConfigFile } from './config-file';
import { ConfigSource } from './config-source';
import type { DirectiveSet, Sections } from './directive-set';
import { checkedWhenKnown, mayBeAbsolute } from './path-tokens';
import type { PodmanResource } from './podman-resource';
import { fail } from './problem';
import { parseCpu, parseDuration, parseMemory, parseRestart, parseTasks } from './quantities';
import type { EnvironmentFilesProps, ServiceProps } from './service-props';
import type { Volume } from './volumes';

/** Directives of [Unit], [Service] and [Install] that every service has, whatever runs it. */
export function commonDirectives(set: DirectiveSet, name: string, props: ServiceProps, path: string): DirectiveSet {
  const stop = parseDuration(props.stopTimeout, `${path}.stopTimeout`);
  return set
    .defaults('Unit', { Description: name })
    .prop('description', 'Unit', { Description: props.description })
    .prop('memory', 'Service', { MemoryMax: parseMemory(props.memory, path) })
    .prop('cpu', 'Service', { CPUQuota: parseCpu(props.cpu, path) })
    .prop('tasks', 'Service', { TasksMax: parseTasks(props.tasks, path) })
    .prop('slice', 'Service', { Slice: props.slice?.unitName })
    .defaults('Service', { Restart: 'on-failure' })
    .prop('restart', 'Service', { Restart: parseRestart(props.restart, path) })
    .prop('stopTimeout', 'Service', { TimeoutStopSec: stop })
    .defaults('Install', { WantedBy: 'multi-user.target' });
}

/** Refuses sections that a runtime has no file for. @throws Error */
export function checkSections(directives: Sections | undefined, allowed: readonly string[], path: string): void {
  for (const section of Object.keys(directives ?? {})) {
    if (!allowed.includes(section))
      fail({
        action: 'write directives of',
        value: section,
        problem: 'its files have no such section',
        expected: `one of ${allowed.join(', ')}`,
        at: `${path}.directives`,
      });
  }
}

/** Checks the words of a command. @throws Error */
export function checkWords(words: unknown, prop: 'command' | 'args', path: string): void {
  if (words === undefined && prop === 'args') return;
  const valid = Array.isArray(words) && words.every((word) => typeof word === 'string');
  if (valid && (prop === 'args' || words[0])) return;
  fail({
    action: 'run',
    value: words,
    problem: valid ? 'names no program' : 'is no array of words',
    expected: 'one such as ["/usr/bin/node", "main.js"]',
    at: `${path}.${prop}`,
  });
}

/** Environment for a directive; none where there is no variable. @throws Error for a value that is no text. */
export function environmentOf(
  environment: ServiceProps['environment'],
  path: string,
): Readonly<Record<string, string>> | undefined {
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      fail({
        action: 'set variable',
        value: name,
        problem: 'is no name of one',
        expected: 'letters, digits and "_"',
        at: `${path}.environment`,
      });
    if (typeof value !== 'string')
      fail({
        action: `set variable ${name} to`,
        value,
        problem: `is ${value === null ? 'null' : typeof value}`,
        expected: 'text',
        at: `${path}.environment.${name}`,
      });
  }
  return environment && Object.keys(environment).length > 0 ? environment : undefined;
}

/** Checks that a path is absolute. @throws Error */
export function absolutePath(value: string | undefined, prop: string, path: string): string | undefined {
  if (value === undefined) return value;
  if (typeof value === 'string' && mayBeAbsolute(value) && !/\/\.\.?(?:\/|$)/.test(value))
    return checkedWhenKnown(value);
  return fail({
    action: `use as ${prop}`,
    value,
    problem: 'is no absolute path',
    expected: 'one without "." and ".."',
    at: `${path}.${prop}`,
  });
}

/** What a unit reads beside its own files: the config files it is given, and what to restart it on. */
export function filesRead(
  volumes: readonly Volume[],
  environmentFiles: EnvironmentFilesProps['environmentFiles'] = [],
): ConfigSource[] {
  const files = [...volumes.map(({ file }) => file), ...environmentFiles];
  return [...new Set(files.filter((file): file is ConfigSource => file instanceof ConfigSource))];
}

/** Paths of environment files. @throws Error */
export function environmentPaths({ environmentFiles }: EnvironmentFilesProps, path: string): string[] | undefined {
  const paths = environmentFiles?.map((file, index) =>
    file instanceof ConfigFile ? file.path : (absolutePath(file, `environmentFiles[${index}]`, path) ?? ''),
  );
  return paths && paths.length > 0 ? paths : undefined;
}

/** `triggers` of a unit that reads these files and uses these things of podman's. */
export function triggersOf(
  files: readonly ConfigSource[],
  resources: readonly PodmanResource[] = [],
): { triggers?: Readonly<Record<string, string>> } {
  if (files.length + resources.length === 0) return {};
  return {
    triggers: Object.fromEntries([
      ...files.map((file) => [file.path, file.fingerprint] as const),
      ...resources.map((resource) => [resource.quadletName, resource.fingerprint] as const),
    ]),
  };
}
