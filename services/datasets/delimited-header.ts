/** The header of a delimited text file: its names and, where the file's name does not tell, its separator. */

/** A header record: how it is separated, and its names, each distinct. */
export interface DelimitedHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Reads the header record from the first `lines` of a file, quotes as in RFC 4180; a quoted name may span lines.
 * Without a `delimiter` the one that parts the header into most names is taken, those first that leave
 * every quote at the edge of a name. Undefined if a quote is never closed.
 */
export function readHeader(
  lines: readonly string[],
  delimiter?: string,
): DelimitedHeader | undefined {
  const text = lines.join('\n').replace(/^\uFEFF/, '');
  let best: (DelimitedHeader & HeaderRecord) | undefined;
  for (const candidate of delimiter === undefined ? delimiters : [delimiter]) {
    const record = firstRecord(text, candidate);
    const isBetter =
      !best ||
      (record?.isStrict && !best.isStrict) ||
      (record?.isStrict === best.isStrict && record.names.length > best.names.length);
    if (record && isBetter) best = { delimiter: candidate, ...record };
  }
  return (
    best && { delimiter: best.delimiter, names: distinct(best.names.map((name) => name.trim())) }
  );
}

interface HeaderRecord {
  readonly names: readonly string[];
  /** Whether quotes stand only around whole names, as they do if the separator is the right one. */
  readonly isStrict: boolean;
}

function firstRecord(text: string, delimiter: string): HeaderRecord | undefined {
  const names: string[] = [];
  let name = '';
  let isStrict = true;
  let state: 'plain' | 'quoted' | 'closed' = 'plain';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (state === 'quoted') {
      if (character !== '"') name += character;
      else if (text[at + 1] === '"') name += text[++at];
      else state = 'closed';
    } else if (character === delimiter) {
      names.push(name);
      name = '';
      state = 'plain';
    } else if (character === '\n') break;
    else if (character === '"' && name === '' && state === 'plain') state = 'quoted';
    else {
      if (character === '"' || (state === 'closed' && character.trim() !== '')) isStrict = false;
      name += character;
    }
  }
  return state === 'quoted' ? undefined : { names: [...names, name], isStrict };
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
