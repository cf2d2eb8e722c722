/** Export: which artifacts are handed over, and whether each one predicts the same as what it was made from. */
import type { LocalModel } from '../models/model.ts';
import type { Candidate, RunState } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';
import { localModels } from './plan.ts';

/** Models that are handed over beside the tables. */
interface Parcel {
  readonly trained: readonly Candidate[];
  readonly fitted: readonly LocalModel[];
}

export const exporting = defineAgent({
  name: 'export',
  decides: 'which artifacts in which formats, each checked to predict the same',
  reads: ['request', 'panel', 'features', 'prediction', 'candidates', 'champion'],
  writes: ['exports'],
  async run(state, services, context) {
    const panel = await services.panels.get(state.panel!.uri, state.features!.calendar);
    const used = modelsInUse(state);
    const isEmpty = used.trained.length + used.fitted.length === 0;
    const tables: Option<Parcel> = {
      action: 'write tables',
      value: { trained: [], fitted: [] },
      whyNot: 'the forecast uses models, and whoever receives it can run or read them',
    };
    const options = isEmpty
      ? [tables]
      : [{ action: 'write tables and models', value: used, whyNot: '' }, tables];
    const { chosen, alternatives } = select('export', options, context.choice);
    const delivered = await services.delivery.writeArtifacts({
      folder: context.out,
      table: await services.forecaster.readTable(state.prediction!.uri),
      panel,
      ...chosen.value,
      season: state.features!.season,
      seasons: state.features!.seasons,
      signal: context.signal,
      emit: context.emit,
    });
    const { files, largestDifference, withoutParameters } = delivered;
    return {
      update: { exports: { files } },
      decision: {
        action: chosen.action,
        reason: isEmpty
          ? 'the forecast uses the naive family only, which has nothing to run or to read'
          : reasonFor(chosen.value, withoutParameters),
        evidence: { files: files.map((file) => file.name), largestDifference },
        alternatives,
      },
    };
  },
});

function reasonFor({ trained, fitted }: Parcel, withoutParameters: readonly string[]): string {
  const written = fitted
    .map(({ name }) => name)
    .filter((name) => !withoutParameters.includes(name));
  const reasons = [
    ...(trained.length > 0
      ? ['every exported model was loaded again and predicts the same on this data']
      : []),
    ...(written.length > 0
      ? [`what ${written.join(', ')} estimated of each series is in tables`]
      : []),
    ...(withoutParameters.length > 0
      ? [`there are too many series to fit ${withoutParameters.join(', ')} again for a table`]
      : []),
  ];
  return reasons.join('; ') || 'the tables are what was asked for';
}

/** The models of the served forecast, but for the naive ones. */
function modelsInUse(state: Pick<RunState, 'prediction' | 'candidates' | 'champion'>): Parcel {
  const names = state.prediction!.weights.map(({ model }) => model);
  const all = state.champion === null ? state.candidates : [state.champion, ...state.candidates];
  const trained = all.filter(({ name }) => names.includes(name));
  const others = names.filter((name) => !trained.some((candidate) => candidate.name === name));
  return {
    trained,
    fitted: localModels(others).filter(({ family }) => family === 'statistical'),
  };
}
