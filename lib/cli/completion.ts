import type { CompletionSpec, ValueKind } from './completion-spec';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * A script for a shell that completes what the specs say. Stacks and services are those of the last synthesis, or of
 * --bundle.
 */
export function completionScript(shell: Shell, specs: readonly CompletionSpec[]): string {
  return { bash, zsh, fish }[shell](specs);
}

/** A word that bash and zsh take literally. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const optionsWith = (specs: readonly CompletionSpec[], kind: ValueKind): string[] => [
  ...new Set(specs.flatMap(({ options }) => options.filter(({ value }) => value === kind).map(({ word }) => word))),
];

const paths = (specs: readonly CompletionSpec[]) =>
  specs
    .filter(({ path }) => path !== '')
    .map(({ path }) => quote(path))
    .join('|');

// Prints the names of services in indexes of bundles, as a synthesis writes them. Other characters are in no such name.
const SERVICES = `sed -n 's/^ \\{10\\}"name": "\\([A-Za-z0-9:_.@-]*\\)",$/\\1/p'`;

// Stacks are completed one by one, not as a list of words: bash would expand what is in their names.
function bash(specs: readonly CompletionSpec[]): string {
  const words = (list: readonly { readonly word: string }[]) => quote(list.map(({ word }) => word).join(' '));
  return `# bash completion of bulkhead: source <(bulkhead completion bash)
_bulkhead() {
  local at='' bundle=cdktf.out/bundle words='' options='' stacks='' services='' i word
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at $word" in ${paths(specs)}) at+=" $word" ;; esac
    [[ $word == --bundle ]] && bundle=\${COMP_WORDS[i + 1]}
  done
  case $prev in
    ${optionsWith(specs, 'directory').join('|')}) local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null; return ;;
    ${optionsWith(specs, 'other').join('|')}) return ;;
  esac
  case $at in
${specs
  .map(({ path, subcommands, choices, options, stacks, services }) => {
    const set = `words=${words([...subcommands, ...choices])} options=${words(options)} stacks=${stacks ? 'yes' : ''} services=${services ? 'yes' : ''}`;
    return `    ${quote(path)}) ${set} ;;`;
  })
  .join('\n')}
  esac
  [[ $cur == -* ]] && words=$options stacks='' services=''
  [[ $services ]] && words+=" $(${SERVICES} "$bundle"/bundle.json "$bundle"/*/bundle.json 2>/dev/null)"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $stacks ]] || return
  for word in "$bundle/$cur"*/bundle.json; do
    [[ -e $word ]] && word=\${word%/bundle.json} && COMPREPLY+=("$(printf %q "\${word##*/}")")
  done
}
complete -F _bulkhead bulkhead
`;
}

function zsh(specs: readonly CompletionSpec[]): string {
  const entries = (list: readonly { readonly word: string; readonly meaning: string }[]) =>
    list.map(({ word, meaning }) => quote(`${word}:${meaning}`)).join(' ');
  return `# zsh completion of bulkhead: source <(bulkhead completion zsh)
_bulkhead() {
  local at='' bundle=cdktf.out/bundle has_stacks='' has_services='' i
  local -a entries options stacks services
  for ((i = 2; i < CURRENT; i++)); do
    case "$at $words[i]" in (${paths(specs)}) at+=" $words[i]" ;; esac
    [[ $words[i] == --bundle ]] && bundle=$words[i+1]
  done
  case $words[CURRENT-1] in
    (${optionsWith(specs, 'directory').join('|')}) _files -/; return ;;
    (${optionsWith(specs, 'other').join('|')}) return ;;
  esac
  case $at in
${specs
  .map(({ path, subcommands, choices, options, stacks, services }) => {
    const set = `entries=(${entries([...subcommands, ...choices])}) options=(${entries(options)})`;
    return `    (${quote(path)}) ${set} has_stacks=${stacks ? 'yes' : ''} has_services=${services ? 'yes' : ''} ;;`;
  })
  .join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then _describe option options; return; fi
  (( $#entries )) && _describe argument entries
  stacks=($bundle/*/bundle.json(N:h:t))
  [[ $has_stacks ]] && (( $#stacks )) && compadd -a stacks
  services=(\${(f)"$(${SERVICES} $bundle/bundle.json(N) $bundle/*/bundle.json(N) </dev/null)"})
  [[ $has_services ]] && (( $#services )) && compadd -a services
}
compdef _bulkhead bulkhead
`;
}

function fish(specs: readonly CompletionSpec[]): string {
  const lines = specs.flatMap(({ path, subcommands, choices, options, stacks, services }) => {
    const add = (rest: string) => `complete -c bulkhead -n ${fishQuote(`__bulkhead_at ${fishQuote(path)}`)} ${rest}`;
    return [
      ...[...subcommands, ...choices].map(({ word, meaning }) => add(`-a ${fishQuote(word)} -d ${fishQuote(meaning)}`)),
      ...options.map(({ word, meaning, value }) => {
        const argument = { none: '', directory: " -x -a '(__fish_complete_directories)'", other: ' -x' }[value];
        return add(`-l ${fishQuote(word.replace(/^--/, ''))}${argument} -d ${fishQuote(meaning)}`);
      }),
      ...(stacks ? [add("-a '(__bulkhead_stacks)' -d stack")] : []),
      ...(services ? [add("-a '(__bulkhead_services)' -d service")] : []),
    ];
  });
  return `# fish completion of bulkhead: bulkhead completion fish | source
function __bulkhead_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    contains -- "$at $word" ${specs.map(({ path }) => fishQuote(path)).join(' ')}; and set at "$at $word"
  end
  test "$at" = "$argv[1]"
end
function __bulkhead_bundle
  set -l typed (commandline -opc)
  set -l i (contains -i -- --bundle $typed); and echo $typed[(math $i + 1)]; or echo cdktf.out/bundle
end
function __bulkhead_stacks
  set -l bundle (__bulkhead_bundle)
  for index in $bundle/*/bundle.json
    basename (dirname $index)
  end
end
function __bulkhead_services
  set -l bundle (__bulkhead_bundle)
  for index in $bundle/bundle.json $bundle/*/bundle.json
    test -e $index; and ${SERVICES} $index
  end
end
complete -c bulkhead -f
${lines.join('\n')}
`;
}

const fishQuote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
