/** Local seasons: which season lengths each kind of local model is told of. */
import type { LocalContext, LocalModel } from '../../models/model.ts';

/**
 * A statistical model is told of the shortest season, which it tests for itself, and of all of them if it takes several; a
 * naive one of the season that was found, as it cannot test anything.
 */
export function seasonsFor(
  { family }: LocalModel,
  { season, seasons = [season] }: { season: number; seasons?: readonly number[] },
): Pick<LocalContext, 'season' | 'seasons'> {
  return family === 'naive' ? { season } : { season: seasons[0] ?? 1, seasons };
}
