/** Season detection: which season length a panel has, by evidence that a random walk cannot produce. */
import { seasonalNaiveError } from '../../series/accuracy.ts';
import { candidateSeasons } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import { median } from '../../series/quantiles.ts';
import { evenlySpaced } from '../../series/sampling.ts';
import { seasonalCorrelation, seasonalGain } from '../../series/seasonality.ts';
import { describeSpectrum } from '../../series/spectrum.ts';

/** A season length that was considered. */
export interface SeasonCandidate {
  /** In steps. */
  readonly season: number;
  /** Series in which both the correlation and the forecasts speak for it. */
  readonly votes: number;
  /** Median autocorrelation at that lag after detrending, over series with two seasons or more; 0 without any. */
  readonly acf: number;
  /** Votes over series with two seasons or more. */
  readonly share: number;
}

export interface SeasonDetection {
  /** In steps; 1 = no season. */
  readonly season: number;
  /** It, and its multiples and parts that as many series show, shortest first; empty without a season. */
  readonly seasons: readonly number[];
  /** The chosen one first, then by share. */
  readonly candidates: readonly SeasonCandidate[];
  /** Why, in words. */
  readonly reason: string;
}

const sampledSeries = 200;
/** What a series must show to vote for a season; more where the spectrum proposed the lag, as it was picked to be high. */
interface Demands {
  /** Standard errors that the correlation must exceed. */
  readonly errors: number;
  /** Relative gain over the naive forecast. */
  readonly gain: number;
  /** Share of the correlation that must be left after two seasons: a season lasts, the cycles of a noise do not. */
  readonly lasting: number;
}
const ofCalendar: Demands = { errors: 2.58, gain: 0, lasting: 0.2 };
const ofSpectrum: Demands = { errors: 3.5, gain: 0.05, lasting: 0.6 };
/** A longer season must lower the error of a shorter one by so much. */
const leastImprovement = 0.05;
/** Share of votes that decides; the lower one only if the median series gains. */
const decisiveShare = 1 / 2;
const leastShare = 1 / 3;
/** From here on there is a season even if the last value says more than the last season (slow heat, say). */
const evidentCorrelation = 0.3;
const evidentErrors = 10;
/** A spectral peak must hold so much of the power, be seen so many times and be this short to propose a season. */
const leastPeak = 0.1;
const leastCycles = 4;
const longestProposal = 1024;
const greatestProposals = 4;
const greatestSeasons = 4;
/** Steps to either side of a spectral period that are tried. */
const farthestRepeat = 16;

type HistoryOf = (series: number) => Float64Array;

/** What one candidate scored in all sampled series; NaN where a series is too short for it. */
interface Evidence {
  readonly season: number;
  readonly candidate: SeasonCandidate;
  readonly eligible: number;
  readonly gain: number;
  readonly accepted: boolean;
}

/**
 * Considers the calendar's seasons and strong spectral peaks. A series votes for a season if it has at least two
 * of them, its detrended autocorrelation at that lag is significant and lasts over two seasons, and the seasonal naive
 * forecast beats the naive one (or the correlation is beyond all doubt).
 * Accepted is what half of the eligible series vote for, or a third if the median series gains; of the accepted the
 * shortest, unless a longer one lowers its error by 5 % (so that no multiple of the season wins by chance).
 */
export function detectSeason(panel: Panel, historyOf: HistoryOf): SeasonDetection {
  const sample = evenlySpaced(panel.ids.length, sampledSeries);
  const histories = Array.from(sample, historyOf).filter(varies);
  const calendar = candidateSeasons(panel.frequency);
  const proposed = proposals(histories, calendar);
  const evidence = [
    ...calendar.map((season) => weigh(season, histories, ofCalendar)),
    ...proposed.map((season) => weigh(season, histories, ofSpectrum)),
  ].sort((a, b) => a.season - b.season);
  const accepted = evidence.filter((entry) => entry.accepted);
  let chosen = accepted[0];
  for (const next of accepted.slice(1)) {
    if (isBetter(histories, next.season, chosen!.season)) chosen = next;
  }
  return {
    season: chosen?.season ?? 1,
    seasons: related(chosen, accepted),
    candidates: evidence
      .toSorted(
        (a, b) =>
          Number(b === chosen) - Number(a === chosen) || b.candidate.share - a.candidate.share,
      )
      .map((entry) => entry.candidate),
    reason: reasonFor(chosen, evidence, histories),
  };
}

/** The chosen season with all accepted ones that divide it or are divided by it. */
function related(chosen: Evidence | undefined, accepted: readonly Evidence[]): number[] {
  if (chosen === undefined) return [];
  const goTogether = (a: number, b: number): boolean => Math.max(a, b) % Math.min(a, b) === 0;
  return accepted
    .map(({ season }) => season)
    .filter((season) => goTogether(season, chosen.season))
    .slice(0, greatestSeasons);
}

function varies(history: Float64Array): boolean {
  return history.some((value) => value !== history[0]);
}

function weigh(season: number, histories: readonly Float64Array[], least: Demands): Evidence {
  const correlations: number[] = [];
  const gains: number[] = [];
  let votes = 0;
  for (const history of histories) {
    if (history.length < 2 * season) continue;
    const { correlation, error, afterTwo } = seasonalCorrelation(history, season);
    const gain = seasonalGain(history, season);
    correlations.push(correlation);
    gains.push(gain);
    const lasts = !(afterTwo < least.lasting * correlation);
    const evident = correlation > evidentCorrelation && correlation > evidentErrors * error;
    const helps = gain > least.gain || evident;
    if (correlation > least.errors * error && helps && lasts) votes++;
  }
  const eligible = correlations.length;
  const share = eligible === 0 ? 0 : votes / eligible;
  const gain = median(gains);
  return {
    season,
    candidate: { season, votes, acf: eligible === 0 ? 0 : median(correlations), share },
    eligible,
    gain,
    accepted: share >= decisiveShare || (share >= leastShare && gain > 0),
  };
}

/** Periods of strong spectral peaks, in whole steps, that are none of the calendar's; commonest first. */
function proposals(histories: readonly Float64Array[], calendar: readonly number[]): number[] {
  const votes = new Map<number, number>();
  for (const history of histories) {
    const longest = Math.min(longestProposal, history.length / leastCycles);
    for (const { period, share } of describeSpectrum(history).peaks) {
      if (share < leastPeak || period > longest) continue;
      const season = repeatNear(history, period);
      if (season < 2) continue;
      if (calendar.some((known) => Math.abs(known - season) <= 0.1 * known)) continue;
      votes.set(season, (votes.get(season) ?? 0) + 1);
    }
  }
  return [...votes]
    .filter(([, count]) => count >= leastShare * histories.length)
    .sort(([a, countA], [b, countB]) => countB - countA || a - b)
    .slice(0, greatestProposals)
    .map(([season]) => season);
}

/**
 * The whole number of steps after which `history` repeats best, among those that its spectrum cannot tell from `period`: half
 * the distance between two of its frequencies to either side (as autocorrelation refines a periodogram's guess in Vlachos, Yu
 * and Castelli 2005, On Periodicity Detection and Structural Periodic Similarity).
 */
function repeatNear(history: Float64Array, period: number): number {
  const nearest = Math.round(period);
  const reach = Math.min(farthestRepeat, Math.floor(period ** 2 / (2 * history.length)));
  let best = nearest;
  for (let lag = nearest - reach; lag <= nearest + reach; lag++) {
    if (seasonalNaiveError(history, lag) < seasonalNaiveError(history, best)) best = lag;
  }
  return best;
}

/**
 * Whether the median series errs less with the longer season, each pair of errors over the same stretch of time: by 5 %, or by
 * more where the histories are too short to tell that from chance. Mean absolute errors of n values scatter by 0.75 / sqrt(n).
 */
function isBetter(histories: readonly Float64Array[], longer: number, shorter: number): boolean {
  const ratios: number[] = [];
  let pairs = 0;
  for (const history of histories) {
    if (history.length < 2 * longer) continue;
    const error = seasonalNaiveError(history.subarray(longer - shorter), shorter);
    if (error > 0) ratios.push(seasonalNaiveError(history, longer) / error);
    pairs += history.length - longer;
  }
  return median(ratios) < 1 - Math.max(leastImprovement, (2 * 0.75) / Math.sqrt(pairs));
}

function reasonFor(
  chosen: Evidence | undefined,
  evidence: readonly Evidence[],
  histories: readonly Float64Array[],
): string {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  if (chosen !== undefined) {
    const { votes, acf } = chosen.candidate;
    const rivals = evidence.filter((entry) => entry.accepted && entry !== chosen);
    const others = rivals.map((entry) => entry.season).join(', ');
    const rest = others === '' ? '' : `; it does better than ${others}, or as well and is shorter`;
    return `${votes} of ${chosen.eligible} series repeat after ${chosen.season} steps (median autocorrelation ${acf.toFixed(2)}), where the seasonal naive forecast errs ${percent(Math.abs(chosen.gain))} ${chosen.gain > 0 ? 'less' : 'more'} than the naive one${rest}`;
  }
  if (histories.length === 0) return 'no series varies';
  if (evidence.length === 0) return 'the frequency suggests no season and no period stands out';
  const eligible = evidence.filter((entry) => entry.eligible > 0);
  if (eligible.length === 0) {
    const longest = histories.reduce((most, { length }) => Math.max(most, length), 0);
    return `no series holds two seasons of ${evidence.map((entry) => entry.season).join(' or ')} steps in what may be looked at (${longest} at most)`;
  }
  const shares = eligible.map(
    ({ season, candidate }) => `${season} (in ${percent(candidate.share)} of the series)`,
  );
  return `too few series repeat after ${shares.join(' or ')}`;
}
