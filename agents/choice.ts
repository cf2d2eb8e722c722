/** How an agent follows a person's choice: the options it sees, and which one wins. */
import type { Alternative } from '../state/decision.ts';
import { assert, fail } from '../state/errors.ts';

/** One thing that an agent could do now. */
export interface Option<T> {
  /** What a person would call it, and what `--choose` takes. */
  readonly action: string;
  readonly value: T;
  /** Why it would not be taken, were another option preferred. */
  readonly whyNot: string;
}

/** The option taken, and the ones rejected. */
export interface Selection<T> {
  readonly chosen: Option<T>;
  readonly alternatives: Alternative[];
  /** Whether a person decided instead of the agent. */
  readonly byPerson: boolean;
}

/**
 * Takes the first of `options` (they come in order of preference), or the one that a person chose.
 * @throws CHOICE_UNKNOWN if the chosen action is not among the options.
 */
export function select<T>(
  decision: string,
  options: readonly Option<T>[],
  choice: string | null,
): Selection<T> {
  const preferred = options[0];
  assert(preferred !== undefined, `decision ${decision} has at least one option`);
  const wanted = choice === null ? preferred : findChoice(options, choice);
  if (wanted === undefined) {
    fail('CHOICE_UNKNOWN', { decision, choice: choice ?? '', known: options.map((o) => o.action) });
  }
  const byPerson = choice !== null;
  return {
    chosen: wanted,
    byPerson,
    alternatives: options
      .filter((option) => option !== wanted)
      .map((option) => ({
        action: option.action,
        whyNot: byPerson ? 'a person chose otherwise in this fork' : option.whyNot,
      })),
  };
}

/** Whether `choice` names `action`: in full, or by its last words, as `dlinear` names `train dlinear`. */
export function matchesChoice(action: string, choice: string): boolean {
  return action === choice || action.endsWith(` ${choice}`);
}

/** An exact action, or the only one that the choice's words name. */
function findChoice<T>(options: readonly Option<T>[], choice: string): Option<T> | undefined {
  const exact = options.find((option) => option.action === choice);
  if (exact !== undefined) return exact;
  const named = options.filter((option) => matchesChoice(option.action, choice));
  return named.length === 1 ? named[0] : undefined;
}
