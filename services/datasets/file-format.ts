/** Which file formats can be read, told by the name of a file. */
import { fail } from '../../state/errors.ts';

/** How the bytes of a file are laid out. */
type FileKind = 'delimited' | 'json' | 'json-lines' | 'parquet';

/** What the name of a file says of its contents. */
export interface FileFormat {
  readonly kind: FileKind;
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Field separator fixed by the name; undefined means that the header line tells it. */
  readonly delimiter: string | undefined;
}

const kinds: Readonly<Record<string, { kind: FileKind; delimiter?: string }>> = {
  '.csv': { kind: 'delimited' },
  '.tsv': { kind: 'delimited', delimiter: '\t' },
  '.txt': { kind: 'delimited' },
  '.json': { kind: 'json' },
  '.jsonl': { kind: 'json-lines' },
  '.ndjson': { kind: 'json-lines' },
  '.parquet': { kind: 'parquet' },
};

/** What a file name may end in; the text formats also compressed. */
const knownFormats: readonly string[] = [
  ...Object.keys(kinds),
  ...Object.keys(kinds).flatMap((ending) =>
    ending === '.parquet' ? [] : [`${ending}.gz`, `${ending}.zst`],
  ),
];

/** The format of `path` by its name, upper or lower case. Fails with INPUT_FORMAT_UNKNOWN. */
export function formatOf(path: string): FileFormat {
  const match = /(\.[a-z]+)(\.gz|\.zst)?$/.exec(path.toLowerCase());
  const ending = match?.[1] ?? '';
  const known = Object.hasOwn(kinds, ending) ? kinds[ending] : undefined;
  const packed = match?.[2];
  if (!known || (packed !== undefined && known.kind === 'parquet')) {
    return fail('INPUT_FORMAT_UNKNOWN', { path, known: knownFormats });
  }
  const compression = packed === '.gz' ? 'gzip' : packed === '.zst' ? 'zstd' : 'none';
  return { kind: known.kind, compression, delimiter: known.delimiter };
}
