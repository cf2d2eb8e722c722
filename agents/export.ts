/** Export: which artifacts are handed over, and whether each one predicts the same as what it was made from. */
import type { Candidate, RunState } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';

type Parcel = { readonly networks: readonly Candidate[] };

export const exporting = defineAgent({
  name: 'export',
  decides: 'which artifacts in which formats, each checked to predict the same',
  reads: ['request', 'panel', 'features', 'prediction', 'candidates', 'champion'],
  writes: ['exports'],
  async run(state, services, context) {
    const panel = await services.panels.get(state.panel!.uri, state.features!.calendar);
    const used = networksInUse(state);
    const options: Option<Parcel>[] = [
      {
        action: used.length > 0 ? 'write tables and networks' : 'write tables',
        value: { networks: used },
        whyNot: '',
      },
    ];
    if (used.length > 0) {
      options.push({
        action: 'write tables',
        value: { networks: [] },
        whyNot: 'the forecast uses networks, and whoever receives it can run them',
      });
    }
    const { chosen, alternatives } = select('export', options, context.choice);
    const delivered = await services.delivery.writeArtifacts({
      folder: context.out,
      table: await services.forecaster.readTable(state.prediction!.uri),
      panel,
      networks: chosen.value.networks,
      emit: context.emit,
    });
    return {
      update: { exports: { files: delivered.files } },
      decision: {
        action: chosen.action,
        reason:
          chosen.value.networks.length > 0
            ? 'every exported network was loaded again and predicts the same on windows of this data'
            : 'the forecast uses the naive family only, which needs no network',
        evidence: {
          files: delivered.files.map((file) => file.name),
          largestDifference: delivered.largestDifference,
        },
        alternatives,
      },
    };
  },
});

function networksInUse(
  state: Pick<RunState, 'prediction' | 'candidates' | 'champion'>,
): Candidate[] {
  const names = new Set(state.prediction!.weights.map((weight) => weight.model));
  const all = state.champion === null ? state.candidates : [state.champion, ...state.candidates];
  return all.filter((candidate) => names.has(candidate.name));
}
