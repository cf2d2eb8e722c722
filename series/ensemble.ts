/** Greedy ensemble selection: weights for averaging forecasts, found on validation residuals only. */

/** One member's residuals, all in the same order; NaN where it made no forecast. */
export interface Member {
  readonly name: string;
  readonly residuals: Float64Array;
}

/** Residuals that a selection looks at; more would change the weights little and cost minutes. */
const enoughResiduals = 200_000;

function sampled(member: Member): Member {
  const stride = Math.ceil(member.residuals.length / enoughResiduals);
  if (stride <= 1) return member;
  const kept = Math.floor(member.residuals.length / stride);
  // The place within a stride moves on, or a stride as long as the horizon would see one step of it only.
  return {
    ...member,
    residuals: Float64Array.from(
      { length: kept },
      (_, k) => member.residuals[k * stride + (k % stride)]!,
    ),
  };
}

/** Mean absolute residual of the weighted average of forecasts; residuals of an average are the average of residuals. */
export function combinedError(members: readonly Member[], weights: ArrayLike<number>): number {
  return meanAbsolute(combineResiduals(members, weights));
}

/** Residuals of the weighted average; where a member is NaN, the others share its weight. */
export function combineResiduals(
  members: readonly Member[],
  weights: ArrayLike<number>,
): Float64Array {
  const length = members[0]?.residuals.length ?? 0;
  const combined = new Float64Array(length);
  for (let k = 0; k < length; k++) {
    let sum = 0;
    let total = 0;
    for (let m = 0; m < members.length; m++) {
      const residual = members[m]!.residuals[k]!;
      if (weights[m]! > 0 && !Number.isNaN(residual)) {
        sum += weights[m]! * residual;
        total += weights[m]!;
      }
    }
    combined[k] = total > 0 ? sum / total : NaN;
  }
  return combined;
}

function meanAbsolute(residuals: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const residual of residuals) {
    if (!Number.isNaN(residual)) {
      sum += Math.abs(residual);
      count += 1;
    }
  }
  return count > 0 ? sum / count : NaN;
}

/**
 * Forward selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of models"): each round adds
 * the member that lowers the error of the average most; the best prefix is returned as weights [members] that sum to 1.
 * Ties go to the earlier member, so the result is a function of its input. Of very many residuals an even sample is asked.
 */
export function selectGreedily(library: readonly Member[], rounds = 20): Float64Array {
  const members = library.map(sampled);
  const counts = new Float64Array(members.length);
  let best = new Float64Array(members.length);
  let bestError = Infinity;
  for (let round = 0; round < rounds; round++) {
    let winner = -1;
    let winnerError = Infinity;
    for (let m = 0; m < members.length; m++) {
      counts[m]! += 1;
      const error = combinedError(members, counts);
      counts[m]! -= 1;
      if (error < winnerError) {
        winner = m;
        winnerError = error;
      }
    }
    if (winner < 0) break;
    counts[winner]! += 1;
    if (winnerError < bestError) {
      bestError = winnerError;
      best = counts.map((count) => count / (round + 1));
    }
  }
  return best;
}
