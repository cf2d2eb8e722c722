/** A classification from data to written predictions: reads, finds the season, judges, tells what came out. */
import { join } from 'node:path';
import type { RunOptions } from '../graphs/drive.ts';
import { tabularModels } from '../models/trees/index.ts';
import type { TabularModel } from '../models/model.ts';
import { formatTime } from '../series/format-time.ts';
import { formatFrequency, type Frequency } from '../series/frequency.ts';
import { type Panel, seriesLength } from '../series/panel.ts';
import { writeFileAtomic } from '../services/artifacts/atomic-file.ts';
import type { Classification, LatestClass } from '../services/classification/classification.ts';
import { naiveClassifiers } from '../services/classification/classifiers.ts';
import type { ClassScores, JudgedClassifier } from '../services/classification/judgement.ts';
import type { LabelPlan } from '../services/classification/labels.ts';
import type { Services } from '../services/index.ts';
import type { ClassificationRequest } from '../state/classification-request.ts';
import { fail } from '../state/errors.ts';
import { runRequestSchema } from '../state/request.ts';

/** One classifier: its scores over all test blocks and on each, and what it looks at. */
export interface ClassifierRow extends ClassScores {
  readonly model: string;
  readonly naive: boolean;
  readonly folds: readonly (ClassScores & {
    readonly trainingRows: number;
    readonly from: string;
    readonly to: string;
  })[];
  readonly importance: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** What a classification found out. */
export interface ClassificationSummary {
  readonly data: string;
  readonly label: LabelPlan;
  readonly classes: readonly string[];
  readonly folds: number;
  readonly validation: ClassificationRequest['validation'];
  readonly season: number;
  readonly frequency: string;
  readonly series: number;
  readonly observations: number;
  /** Labels that were learned from and judged on. */
  readonly rows: number;
  readonly repairs: readonly string[];
  /** Least log loss first, the naive ones among them. */
  readonly models: readonly ClassifierRow[];
  readonly best: string;
  /** Models that are better than always saying the most frequent class. */
  readonly better: Classification['better'];
  /** What the best says of the latest origin of each series. */
  readonly latest: readonly (Omit<LatestClass, 'time' | 'until'> & {
    readonly time: string;
    readonly until: string;
  })[];
  /** Folder of the written files, null if none was named. */
  readonly out: string | null;
  readonly files: readonly string[];
}

const seed = 1;

/**
 * Runs the classification. Errors: those of reading data, OPTION_INVALID, MODEL_UNKNOWN, LABEL_ONE_CLASS,
 * CLASSIFICATION_TOO_SHORT, CLASSIFICATION_STOPPED, STORE_*.
 */
export async function classify(
  services: Services,
  request: ClassificationRequest,
  { signal, onEvent }: RunOptions = {},
): Promise<ClassificationSummary> {
  const models = chooseModels(request.models);
  const label = labelOf(request);
  const { data, horizon, frequency, id, time, target, folds, validation } = request;
  const stored = await services.panels.ingest(
    runRequestSchema.parse({ data, horizon, frequency, id, time, target }),
  );
  const panel = await services.panels.get(stored.uri);
  const { season, seasons } = seasonsOf(services, panel, request);
  const found = await services.classification
    .classify({
      panel,
      label,
      models,
      folds,
      validation,
      season,
      seasons,
      seed,
      ...(signal && { signal }),
      onJudged: (progress) =>
        onEvent?.({
          level: 'info',
          time: new Date(services.clock()).toISOString(),
          event: 'classification-progressed',
          run: 'classify',
          ...progress,
        }),
    })
    .catch((error: unknown) => {
      if (signal?.aborted === true) fail('CLASSIFICATION_STOPPED', { data }, { cause: error });
      throw error;
    });
  const { series, observations, repairs } = stored;
  const summary: ClassificationSummary = {
    data,
    label,
    classes: found.classes,
    folds,
    validation,
    season,
    frequency: formatFrequency(panel.frequency),
    series,
    observations,
    rows: found.models[0]!.rows,
    repairs: repairs.map(({ detail }) => detail),
    models: found.models.map((judged) => toRow(judged, panel.frequency)),
    best: found.best,
    better: found.better,
    latest: found.latest.map((each) => ({
      ...each,
      time: formatTime(each.time, panel.frequency),
      until: formatTime(each.until, panel.frequency),
    })),
    out: request.out ?? null,
    files: request.out === undefined ? [] : ['report.json', 'predictions.csv'],
  };
  await deliver(summary);
  return summary;
}

function toRow(judged: JudgedClassifier, frequency: Frequency): ClassifierRow {
  const { name, pooled, folds, importance, seconds } = judged;
  return {
    model: name,
    naive: (naiveClassifiers as readonly string[]).includes(name),
    ...pooled,
    folds: folds.map((fold) => ({
      ...fold,
      from: formatTime(fold.from, frequency),
      to: formatTime(fold.to, frequency),
    })),
    importance,
    seconds,
  };
}

/** The named models, or all that learn classes, in the order of the list. */
function chooseModels(names: readonly string[] | undefined): TabularModel[] {
  const able = tabularModels.filter(({ targets }) => targets.includes('class'));
  const known = able.map(({ name }) => name);
  const naive: readonly string[] = naiveClassifiers;
  for (const name of names ?? []) {
    if (!known.includes(name) && !naive.includes(name)) fail('MODEL_UNKNOWN', { name, known });
  }
  return able.filter(({ name }) => names?.includes(name) ?? true);
}

/** What is asked, with the defaults of its kind. */
function labelOf({ horizon, label, threshold, unit, side }: ClassificationRequest): LabelPlan {
  const refuse = (key: string, problem: string): never => fail('OPTION_INVALID', { key, problem });
  if (label === 'regime') {
    if (threshold !== undefined)
      refuse('threshold', 'a regime has none: it is the usual volatility');
    return { horizon, kind: label, threshold: 0, unit: 'value', side };
  }
  if (label === 'direction') {
    if (threshold !== undefined && threshold < 0) refuse('threshold', 'must not be below 0');
    const width = unit ?? 'percent';
    if (width === 'value' || width === 'quantile') {
      refuse('unit', 'the flat zone of a direction is in percent or deviations');
    }
    return { horizon, kind: label, threshold: threshold ?? 0, unit: width, side };
  }
  const bound = unit ?? (threshold === undefined ? 'quantile' : 'value');
  if (bound === 'percent' || bound === 'deviations') {
    refuse('unit', 'the threshold of an event is a value or a quantile');
  }
  if (bound === 'value' && threshold === undefined) refuse('threshold', 'an event needs a value');
  const level = threshold ?? (side === 'above' ? 0.9 : 0.1);
  if (bound === 'quantile' && !(level > 0 && level < 1)) {
    refuse('threshold', 'a quantile is above 0 and below 1');
  }
  return { horizon, kind: label, threshold: level, unit: bound, side };
}

/** The season asked for, or those found in what lies before the first block. */
function seasonsOf(
  services: Services,
  panel: Panel,
  { season, folds }: ClassificationRequest,
): { season: number; seasons: readonly number[] } {
  if (season !== undefined) return { season, seasons: [season] };
  const longest = panel.ids.reduce((most, _, i) => Math.max(most, seriesLength(panel, i)), 0);
  const found = services.spectral.detectSeason(panel, Math.floor((longest * folds) / (folds + 1)));
  return { season: found.season, seasons: found.seasons };
}

const needsQuotes = /[",\r\n]/;
const quoted = (text: string): string =>
  needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

async function deliver(summary: ClassificationSummary): Promise<void> {
  const { out, best, classes, latest } = summary;
  if (out === null) return;
  const head = ['unique_id', 'time', 'until', 'model', 'predicted'];
  const lines = [
    [...head, ...classes.map((name) => quoted(`probability of ${name}`))].join(','),
    ...latest.map(({ series, time, until, predicted, probabilities }) =>
      [quoted(series), time, until, best, quoted(predicted), ...probabilities].join(','),
    ),
  ];
  await writeFileAtomic(join(out, 'predictions.csv'), `${lines.join('\n')}\n`);
  await writeFileAtomic(join(out, 'report.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
