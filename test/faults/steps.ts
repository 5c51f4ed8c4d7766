/** What a command of an apply does, in a few words: `systemctl stop`, `write files`. */
export type Step = string;

/** By what the engine's own scripts are told from each other. */
const SCRIPTS: readonly (readonly [RegExp, Step])[] = [
  [/eval "\$look"/, 'look'],
  [/tar -x -p --same-owner/, 'write files'],
  [/directories\.new/, 'remove files'],
  [/>> \S*mount-points/, 'note mount points'],
  [/mount-points\.kept/, 'remove mount points'],
  [/list loaded/, 'start units'],
  [/networkctl reload/, 'reload networkd'],
  [/useradd/, 'make a user'],
  [/userdel/, 'remove a user'],
  [/base=.*cache/, 'load an image'],
  [/tar -x -p --numeric-owner/, 'unpack the root of a machine'],
  [/ip link delete/, 'remove an interface'],
  [/nft delete/, 'remove rules'],
  [/\.new\/input/, 'keep versions'],
  [/-maxdepth 1 -type f -printf/, 'read versions'],
  [/held=\$\(digest < new\)/, 'write a secret'],
  [/tr -dc/, 'generate a secret'],
  [/values digests generated/, 'remove secrets'],
  [/previous-image" "\$new\/image"/, 'take back the root of a machine'],
  [/cp -a --reflink=auto/, 'copy the root of a machine'],
  [/mv -T -- /, 'place the root of a machine'],
];

/** Names a command by its words. */
export function stepOf(words: readonly string[]): Step {
  const [program = '', flag, script = '', , user, ...command] = words;
  if (program === 'xargs') return stepOf(words.slice(2));
  if (program === 'systemctl' || program === 'podman')
    return [program, ...words.slice(1).filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-'))]
      .slice(0, 3)
      .join(' ');
  if (program !== 'sh' || flag === undefined) return program;
  if (/exec setpriv/.test(script) && command.length > 0) return `${stepOf(command)} of ${user}`;
  return SCRIPTS.find(([pattern]) => pattern.test(script))?.[1] ?? script.trim().slice(0, 60);
}
