/** The policy: which agent follows which state, and what is recorded about the rules passed over. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximumRounds, route, rules } from '../../agents/orchestrator.ts';
import { isForecastError } from '../../state/errors.ts';
import type { RunState } from '../../state/run-state.ts';
import {
  candidate,
  champion,
  features,
  portfolio,
  prediction,
  scores,
  stateWith,
  study,
} from './states.ts';

const nextOf = (state: RunState): string => route(state, '1-orchestrator', null).next;
const calm = { drifted: false, reason: 'calm', measures: {} };
const failing = { ...scores, beatsSeasonalNaive: false, best: 'seasonal-naive' };

describe('the order of a first run', () => {
  const steps: [Partial<RunState>, string][] = [
    [{}, 'feature-engineer'],
    [{ features, portfolio: null }, 'model-selection'],
    [{ features }, 'hyperparameter-search'],
    [{ features, study }, 'training'],
    [{ features, study, candidates: [candidate] }, 'evaluation'],
    [{ features, study, candidates: [candidate], scores }, 'forecast'],
    [{ features, study, candidates: [candidate], scores, prediction }, 'export'],
    [{ features, scores, prediction, exports: { files: [] } }, 'finish'],
  ];
  it.each(steps)('with %o goes to %s', (changes, expected) => {
    expect(nextOf(stateWith(changes))).toBe(expected);
  });
});

describe('loops and shortcuts', () => {
  it('judges what was trained even when the time is nearly spent, since only what is judged is served', () => {
    const request = { ...stateWith().request, timeLimit: 10 };
    const late = { request, features, study, elapsedMs: 9000 };
    expect(nextOf(stateWith(late))).toBe('forecast');
    expect(nextOf(stateWith({ ...late, candidates: [candidate] }))).toBe('evaluation');
    expect(nextOf(stateWith({ ...late, candidates: [candidate], elapsedMs: 10_000 }))).toBe(
      'forecast',
    );
  });
  it('looks for drift before a champion is reused', () => {
    expect(nextOf(stateWith({ features, champion }))).toBe('drift-monitor');
  });
  it('judges a champion without drift again instead of retraining', () => {
    expect(nextOf(stateWith({ features, champion, drift: calm }))).toBe('evaluation');
  });
  it('searches anew when the champion has drifted', () => {
    const drift = { ...calm, drifted: true };
    expect(nextOf(stateWith({ features, champion, drift }))).toBe('hyperparameter-search');
  });
  it('goes back for other features when no candidate beats seasonal-naive', () => {
    const state = stateWith({ features, study, candidates: [candidate], scores: failing });
    expect(nextOf(state)).toBe('feature-engineer');
  });
  it('searches again on new features after a failed round', () => {
    const again = { ...features, version: 2, untried: [] };
    const state = stateWith({ features: again, study, candidates: [candidate], scores: failing });
    expect(nextOf(state)).toBe('hyperparameter-search');
  });
  it('gives up going back after the last round', () => {
    const last = { ...failing, round: maximumRounds };
    expect(nextOf(stateWith({ features, study, candidates: [candidate], scores: last }))).toBe(
      'forecast',
    );
  });
  it('gives up going back when every treatment has been tried', () => {
    const exhausted = { ...features, untried: [] };
    const state = stateWith({
      features: exhausted,
      study,
      candidates: [candidate],
      scores: failing,
    });
    expect(nextOf(state)).toBe('forecast');
  });
  it('judges the naive family alone when nothing can be trained', () => {
    expect(nextOf(stateWith({ features: { ...features, trainable: 0 } }))).toBe('evaluation');
    const onlyLocal = { ...portfolio, trained: 0 };
    expect(nextOf(stateWith({ features, portfolio: onlyLocal }))).toBe('evaluation');
  });
  it('judges what there is when a search found no configuration', () => {
    expect(nextOf(stateWith({ features, study: { ...study, best: [] } }))).toBe('evaluation');
  });
});

describe('the time limit', () => {
  const request = { ...stateWith().request, timeLimit: 10 };
  it('skips the search when most of it is spent', () => {
    expect(nextOf(stateWith({ request, features, elapsedMs: 7_000 }))).toBe('evaluation');
  });
  it('forecasts at once when it is nearly spent', () => {
    expect(nextOf(stateWith({ request, features, elapsedMs: 9_000 }))).toBe('forecast');
  });
  it('does not go back for features when half of it is spent', () => {
    const state = stateWith({ request, features, study, scores: failing, elapsedMs: 5_500 });
    expect(nextOf(state)).toBe('forecast');
  });
});

describe('the record of a decision', () => {
  it('names every rule that was passed over and why', () => {
    const { draft } = route(stateWith({ features }), '3-orchestrator', null);
    const winner = rules.findIndex((rule) => rule.name === 'find-a-configuration');
    expect(draft.alternatives).toHaveLength(winner);
    expect(draft.alternatives[0]!.whyNot).toContain('delivered');
    expect(draft.reason).toContain('find-a-configuration');
  });
  it('follows a person, and says so', () => {
    const state = stateWith({ features, champion, drift: calm });
    const { next, draft, byPerson } = route(state, '5-orchestrator', 'hyperparameter-search');
    expect(next).toBe('hyperparameter-search');
    expect(byPerson).toBe(true);
    expect(draft.alternatives[0]!.action).toBe('evaluation');
  });
  it('refuses a choice that the state does not allow, naming those it does', () => {
    let thrown: unknown;
    try {
      route(stateWith(), '1-orchestrator', 'export');
    } catch (error) {
      thrown = error;
    }
    expect(isForecastError(thrown, 'CHOICE_UNKNOWN')).toBe(true);
    expect(String(thrown)).toContain('feature-engineer');
  });
});

describe('any state', () => {
  const states = fc.record({
    features: fc.constantFrom(
      null,
      features,
      { ...features, version: 2, untried: [] },
      { ...features, trainable: 0 },
    ),
    champion: fc.constantFrom(null, champion),
    drift: fc.constantFrom(null, calm, { ...calm, drifted: true }),
    study: fc.constantFrom(null, study, { ...study, best: [] }),
    candidates: fc.constantFrom<RunState['candidates'][]>([], [candidate]),
    scores: fc.constantFrom(null, scores, failing),
    prediction: fc.constantFrom(null, prediction),
    elapsedMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
  });
  it('has exactly one next agent, the same one every time', () => {
    fc.assert(
      fc.property(states, (changes) => {
        const state = stateWith(changes);
        expect(nextOf(state)).toBe(nextOf(structuredClone(state)));
      }),
    );
  });
  it('reaches the end when every agent does its part, within the bound on rounds', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(null, champion),
        (beats, drifted, production) => {
          let state = stateWith({ champion: production });
          const path: string[] = [];
          for (let step = 0; step < 40 && path.at(-1) !== 'finish'; step++) {
            path.push(nextOf(state));
            state = { ...state, ...effectOf(path.at(-1)!, state, { beats, drifted }) };
          }
          expect(path.at(-1)).toBe('finish');
          expect(path.filter((agent) => agent === 'feature-engineer').length).toBeLessThanOrEqual(
            maximumRounds,
          );
        },
      ),
    );
  });
});

/** What each agent adds to the state, simplified. */
function effectOf(
  agent: string,
  state: RunState,
  { beats, drifted }: { beats: boolean; drifted: boolean },
): Partial<RunState> {
  const version = state.features?.version ?? 0;
  const effects: Record<string, Partial<RunState>> = {
    'feature-engineer': {
      features: { ...features, version: version + 1, untried: features.untried.slice(version) },
    },
    'drift-monitor': { drift: { ...calm, drifted } },
    'model-selection': { portfolio },
    'hyperparameter-search': { study: { ...study, featuresVersion: version } },
    training: { candidates: [...state.candidates, { ...candidate, featuresVersion: version }] },
    evaluation: {
      scores: {
        ...scores,
        round: (state.scores?.round ?? 0) + 1,
        featuresVersion: version,
        beatsSeasonalNaive: beats,
      },
    },
    forecast: { prediction },
    export: { exports: { files: [] } },
    finish: {},
  };
  return effects[agent]!;
}
