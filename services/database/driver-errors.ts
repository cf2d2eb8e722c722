/** Tells what SQLite refused in the catalogue's words. */
import BetterSqlite3 from 'better-sqlite3';
import { fail } from '../../state/errors.ts';

/** Rethrows `error`, met in the database at `path`: mapped where the user can act on it, as it is otherwise. */
export function mapDriverError(path: string, error: unknown): never {
  if (!(error instanceof BetterSqlite3.SqliteError)) throw error;
  const problem = `${error.message} (${error.code})`;
  // Extended codes such as SQLITE_IOERR_WRITE begin with the primary one.
  switch (error.code.split('_')[1]) {
    case 'BUSY':
    case 'LOCKED':
    case 'PROTOCOL':
      return fail('STORE_LOCKED', { path }, { cause: error });
    case 'FULL':
      return fail('STORE_FULL', { path }, { cause: error });
    case 'CORRUPT':
    case 'NOTADB':
      return fail('STORE_CORRUPT', { path, problem }, { cause: error });
    case 'CANTOPEN':
    case 'READONLY':
    case 'IOERR':
    case 'PERM':
    case 'AUTH':
      return fail('STORE_UNWRITABLE', { path, problem }, { cause: error });
    default:
      throw error;
  }
}
