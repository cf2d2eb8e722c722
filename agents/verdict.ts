/** Verdict: what an evaluation can conclude about the best trained model, and in which words. */
import type { Candidate } from '../state/run-state.ts';
import type { Option } from './choice.ts';

/** Which network becomes the champion; null if none does. */
interface Verdict {
  readonly promote: Candidate | null;
}

/** To promote the network or to keep what is there, the better one first. */
export function verdicts(
  network: Candidate | undefined,
  beats: boolean,
  champion: { model: string; version: number } | null,
): Option<Verdict>[] {
  const keep: Option<Verdict> = {
    action: champion === null ? 'promote nothing' : `keep ${champion.model}@${champion.version}`,
    value: { promote: null },
    whyNot: 'a network beats seasonal-naive and whatever was in production',
  };
  if (network === undefined) return [keep];
  if (champion?.model === network.version.model && champion.version === network.version.version)
    return [keep];
  const promote: Option<Verdict> = {
    action: `promote ${network.name}`,
    value: { promote: network },
    whyNot: `${network.name} does not beat seasonal-naive on the validation folds`,
  };
  return beats ? [promote, keep] : [keep, promote];
}

/** How the best trained model compares with seasonal-naive, in words. */
export function reasonOf(
  network: Candidate | undefined,
  mase: number | null,
  naive: number | null,
): string {
  if (network === undefined) return 'no model that learns from all series was there to be judged';
  if (mase === null || naive === null) return 'no validation fold could be scored';
  const change = Math.abs(1 - mase / naive) * 100;
  return `${network.name} has validation MASE ${mase.toFixed(3)}, seasonal-naive ${naive.toFixed(3)}: ${change.toFixed(1)} % ${mase < naive ? 'better' : 'worse'}`;
}
