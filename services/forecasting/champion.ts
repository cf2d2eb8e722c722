/** Champion: the registered version in production that fits a request, described so that a run can use it. */
import { createHash } from 'node:crypto';
import type { LearningModel } from '../../models/model.ts';
import { calendarColumns } from '../../series/derived.ts';
import { exogenousKinds, qualifiedNames } from '../../series/exogenous.ts';
import { parseFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import { registeredName, type RunRequest } from '../../state/request.ts';
import { recipeSchema, type PanelSummary, type RunState } from '../../state/run-state.ts';
import type { Registry } from '../registry/registry.ts';
import { networkFileName } from './network-learner.ts';
import { tableFileName } from './table-learner.ts';

/** SHA-256 of the series' names, in order; a model is tied to the set that it was trained on. */
export function digestOfIds(ids: readonly string[]): string {
  const hash = createHash('sha256');
  for (const id of ids) hash.update(id).update('\0');
  return hash.digest('hex');
}

/** What `model` takes of the panel's exogenous columns, as `future:price`. */
export function columnsTaken(model: LearningModel, panel: Panel): string[] {
  const kinds = model.family === 'neural' ? (model.exogenous ?? []) : exogenousKinds;
  return panel.exogenous ? qualifiedNames(panel.exogenous, kinds) : [];
}

/** Whether a panel can have all of `columns`: it has them already, or the calendar gives them. */
function canHave(panel: PanelSummary, columns: readonly string[]): boolean {
  const noTimes = { time: new Float64Array(0), frequency: parseFrequency(panel.frequency) };
  const calendar = calendarColumns(noTimes).map(({ name }) => `future:${name}`);
  const known = new Set([...(panel.columns ?? []), ...calendar]);
  return columns.every((column) => known.has(column));
}

/** The champion registered under the request's name, if horizon, frequency, exogenous columns and wanted models fit; else null. */
export function findChampion(
  registry: Registry,
  request: RunRequest,
  panel: PanelSummary,
): RunState['champion'] {
  const version = registry.resolveAlias(registeredName(request), 'champion');
  if (version === undefined) return null;
  const { signature, forecaster, hyperparameters, files } = version;
  const file = files.find(({ name }) => name === networkFileName || name === tableFileName);
  const recipe = recipeSchema.safeParse(hyperparameters['recipe']);
  const fits =
    signature.horizon === request.horizon &&
    signature.frequency === panel.frequency &&
    canHave(panel, signature.columns ?? []) &&
    (request.models === undefined || request.models.includes(forecaster));
  if (!fits || file === undefined || signature.lookBack === null || !recipe.success) return null;
  return {
    name: 'champion',
    forecaster,
    version: { model: version.model, version: version.version },
    artifact: file.uri,
    lookBack: signature.lookBack,
    season: signature.season,
    recipe: recipe.data,
    featuresVersion: 0,
    steps: 0,
    seconds: 0,
    ...(signature.columns && { columns: signature.columns }),
    profile: files.find(({ name }) => name === 'profile.json')?.uri ?? null,
    panel: version.lineage.panel,
  };
}
