/** The header of a delimited text file: its names and, where the file's name does not tell, its separator. */

/** A header record: how it is separated, and its names, each distinct. */
export interface DelimitedHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Reads the header record from the first `lines` of a file, quotes as in RFC 4180; a quoted name may span lines.
 * Without a `delimiter` the one that parts the header into most names is taken. Undefined if a quote is never closed.
 */
export function readHeader(
  lines: readonly string[],
  delimiter?: string,
): DelimitedHeader | undefined {
  const text = lines.join('\n').replace(/^\uFEFF/, '');
  let best: DelimitedHeader | undefined;
  for (const candidate of delimiter === undefined ? delimiters : [delimiter]) {
    const names = firstRecord(text, candidate);
    if (names && (!best || names.length > best.names.length))
      best = { delimiter: candidate, names };
  }
  return best && { ...best, names: distinct(best.names.map((name) => name.trim())) };
}

function firstRecord(text: string, delimiter: string): string[] | undefined {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === delimiter) {
      fields.push(field);
      field = '';
    } else if (character === '\n') break;
    else field += character;
  }
  return quoted ? undefined : [...fields, field];
}

/** A name that comes twice gets a number, so that every column can be named. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let given = name;
    for (let count = 2; taken.has(given); count++) given = `${name} (${count})`;
    taken.add(given);
    return given;
  });
}
