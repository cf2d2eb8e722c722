/** The orchestrator: who is next and why. A table of rules over the state; the first that matches wins, and every rule passed over is recorded. */
import type { Alternative, DecisionDraft, Evidence, SpecialistName } from '../state/decision.ts';
import type { RunState } from '../state/run-state.ts';
import { select, type Option } from './choice.ts';

/** Where a state may lead. */
export type Destination = SpecialistName | 'finish';

/** One line of the policy. */
export interface Rule {
  readonly name: string;
  readonly then: Destination;
  /** Whether the rule applies; a pure function of the state. */
  when(state: RunState): boolean;
  /** Why it is right when it applies. */
  readonly because: string;
  /** Why it did not apply, as recorded with the decision. */
  readonly otherwise: string;
}

/** How often the workflow may go back for other features or a wider search. */
export const maximumRounds = 3;

const limitMs = (state: RunState): number => (state.request.timeLimit ?? Infinity) * 1000;
const usedShare = (state: RunState): number => state.elapsedMs / limitMs(state);
const canTrain = (state: RunState): boolean =>
  (state.features?.trainable ?? 0) > 0 && (state.portfolio?.trained ?? 0) > 0;
const championHolds = (state: RunState): boolean =>
  state.champion !== null && state.drift !== null && !state.drift.drifted;
const trainedFor = (state: RunState): boolean =>
  state.candidates.some((candidate) => candidate.featuresVersion === state.features?.version);
const judged = (state: RunState): boolean =>
  state.scores !== null && state.scores.featuresVersion === state.features?.version;
const searched = (state: RunState): boolean =>
  state.study !== null && state.study.featuresVersion === state.features?.version;
/** Networks that nobody has judged yet cannot be served, however little time is left. */
const waitsForJudgement = (state: RunState): boolean =>
  !judged(state) && (trainedFor(state) || championHolds(state));
const notGoodEnough = (state: RunState): boolean =>
  judged(state) && state.scores?.beatsSeasonalNaive === false && canTrain(state);

/** The policy, in order. Every state matches one rule, since the last always applies. */
export const rules: readonly Rule[] = [
  {
    name: 'delivered',
    then: 'finish',
    when: (s) => s.exports !== null,
    because: 'the forecasts are made, checked and written',
    otherwise: 'nothing has been exported yet',
  },
  {
    name: 'write-results',
    then: 'export',
    when: (s) => s.prediction !== null,
    because: 'a forecast exists and waits to be written',
    otherwise: 'there is no forecast to write yet',
  },
  {
    name: 'know-the-data',
    then: 'feature-engineer',
    when: (s) => s.features === null,
    because:
      'nothing is known about the series yet, and every later step needs their season and shape',
    otherwise: 'the data has been looked at',
  },
  {
    name: 'choose-models',
    then: 'model-selection',
    when: (s) => s.portfolio === null && s.features !== null,
    because: 'the data is known, and which models are worth their time on it is not',
    otherwise: 'the models have been chosen',
  },
  {
    name: 'time-is-up',
    then: 'forecast',
    when: (s) => usedShare(s) >= (waitsForJudgement(s) ? 1 : 0.85),
    because: 'the time limit is nearly spent, and a forecast with what there is beats none',
    otherwise: 'the time limit leaves room',
  },
  {
    name: 'watch-the-champion',
    then: 'drift-monitor',
    when: (s) => s.champion !== null && s.drift === null,
    because: 'a champion is in production, and it must still describe this data to be used',
    otherwise: 'there is no champion to watch, or it has been watched',
  },
  {
    name: 'reuse-the-champion',
    then: 'evaluation',
    when: (s) => championHolds(s) && s.study === null && !judged(s),
    because:
      'the data has not drifted from what the champion was trained on, so it is judged again instead of retrained',
    otherwise: 'there is no champion without drift, or it has been judged',
  },
  {
    name: 'nothing-to-train',
    then: 'evaluation',
    when: (s) => !canTrain(s) && !judged(s),
    because:
      'no series is long and varied enough to learn from, or no such model was chosen; the models fitted series by series are judged by themselves',
    otherwise: 'some series can be learned from, or this has been judged',
  },
  {
    name: 'no-time-to-train',
    then: 'evaluation',
    when: (s) => usedShare(s) >= 0.6 && !judged(s),
    because: 'most of the time limit is spent; what exists is judged now',
    otherwise: 'there is time for training, or what exists has been judged',
  },
  {
    name: 'find-a-configuration',
    then: 'hyperparameter-search',
    when: (s) => !searched(s) && !judged(s),
    because: 'no configuration has been tried on these features',
    otherwise: 'the search on these features is done, or its outcome judged',
  },
  {
    name: 'train-the-best',
    then: 'training',
    when: (s) => searched(s) && s.study!.best.length > 0 && !trainedFor(s) && !judged(s),
    because: 'the search has found configurations worth a full training',
    otherwise: 'there is no untrained configuration',
  },
  {
    name: 'judge-the-candidates',
    then: 'evaluation',
    when: (s) => !judged(s),
    because: 'the candidates have not been compared with the naive forecasts on rolling origins',
    otherwise: 'the candidates have been judged',
  },
  {
    name: 'try-other-features',
    then: 'feature-engineer',
    when: (s) =>
      notGoodEnough(s) &&
      s.scores!.round < maximumRounds &&
      s.features!.untried.length > 0 &&
      usedShare(s) < 0.5,
    because:
      'no candidate beats seasonal-naive on the validation folds, and another treatment of the target is untried',
    otherwise: 'the candidates are good enough, or rounds, recipes or time are used up',
  },
  {
    name: 'forecast-now',
    then: 'forecast',
    when: () => true,
    because: 'the models have been judged and what the budget allows has been tried',
    otherwise: 'the work before it is not done',
  },
];

/** What each destination needs before it can be taken at all; bounds what a person may choose. */
const possible: Readonly<Record<Destination, (state: RunState) => boolean>> = {
  'feature-engineer': (s) => s.prediction === null && s.features?.untried.length !== 0,
  'model-selection': (s) => s.features !== null && s.candidates.length === 0 && !judged(s),
  'drift-monitor': (s) => s.features !== null && s.champion !== null,
  'hyperparameter-search': (s) => s.features !== null && canTrain(s) && s.prediction === null,
  training: (s) => searched(s) && s.prediction === null,
  evaluation: (s) => s.features !== null && s.prediction === null,
  forecast: (s) => s.features !== null,
  export: (s) => s.prediction !== null,
  finish: (s) => s.exports !== null,
};

/** The route taken from a state, and its decision. Pure: the same state and choice give the same route. */
export function route(
  state: RunState,
  decision: string,
  choice: string | null,
): { next: Destination; draft: DecisionDraft; byPerson: boolean } {
  const passedOver: Alternative[] = [];
  const matched: Rule[] = [];
  for (const rule of rules) {
    if (rule.when(state)) matched.push(rule);
    else if (matched.length === 0) {
      passedOver.push({ action: rule.then, whyNot: `${rule.name}: ${rule.otherwise}` });
    }
  }
  const rule = matched[0]!;
  const { chosen, byPerson } = select(decision, openOptions(state, rule), choice);
  return {
    next: chosen.value,
    byPerson,
    draft: {
      action: chosen.action,
      reason: byPerson
        ? `rule ${rule.name} would have gone to ${rule.then}`
        : `${rule.name}: ${rule.because}`,
      evidence: evidenceOf(state),
      alternatives: byPerson
        ? [
            {
              action: rule.then,
              whyNot: `a person chose otherwise; rule ${rule.name} would have taken it`,
            },
          ]
        : passedOver,
    },
  };
}

function openOptions(state: RunState, winner: Rule): Option<Destination>[] {
  const others = (Object.keys(possible) as Destination[]).filter(
    (destination) => destination !== winner.then && possible[destination](state),
  );
  return [winner.then, ...others].map((value) => ({
    action: value,
    value,
    whyNot: winner.because,
  }));
}

function evidenceOf(state: RunState): Evidence {
  return {
    elapsedSeconds: Math.round(state.elapsedMs / 100) / 10,
    timeLimitSeconds: state.request.timeLimit ?? null,
    trainableSeries: state.features?.trainable ?? null,
    season: state.features?.season ?? null,
    champion:
      state.champion === null
        ? null
        : `${state.champion.version.model}@${state.champion.version.version}`,
    drifted: state.drift?.drifted ?? null,
    trials: state.study?.trials ?? null,
    candidates: state.candidates.map((candidate) => candidate.name),
    round: state.scores?.round ?? 0,
    best: state.scores?.best ?? null,
    beatsSeasonalNaive: state.scores?.beatsSeasonalNaive ?? null,
  };
}
