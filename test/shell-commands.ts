/** Shell commands in guides, so that tests can try them. */

/** Lines of shell code blocks that call the program, without its name. */
export function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('agentic-forecast '))
    .map((line) => line.replace('agentic-forecast ', ''));
}

/** Words of a simple shell command: spaces part them, single quotes hold them together. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}
