/** A classification from data to written predictions: reads, finds the season, judges, tells what came out. */
import type { RunOptions } from '../graphs/drive.ts';
import { tabularModels } from '../models/trees/index.ts';
import type { TabularModel } from '../models/model.ts';
import { formatTime } from '../series/format-time.ts';
import type { Frequency } from '../series/frequency.ts';
import type { Classification, LatestClass } from '../services/classification/classification.ts';
import { naiveClassifiers } from '../services/classification/classifiers.ts';
import type { ClassScores, JudgedClassifier } from '../services/classification/judgement.ts';
import type { LabelPlan } from '../services/classification/labels.ts';
import type { Services } from '../services/index.ts';
import type { ClassificationRequest } from '../state/classification-request.ts';
import { fail } from '../state/errors.ts';
import { openStudy, type StudyFacts } from './study.ts';

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
export interface ClassificationSummary extends StudyFacts {
  readonly label: LabelPlan;
  readonly classes: readonly string[];
  readonly folds: number;
  readonly validation: ClassificationRequest['validation'];
  readonly season: number;
  /** Labels that were learned from and judged on. */
  readonly rows: number;
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
  readonly files: readonly string[];
}

const names = { run: 'classify', stopped: 'CLASSIFICATION_STOPPED' } as const;

const seed = 1;

/**
 * Runs the classification. Errors: those of reading data, OPTION_INVALID, MODEL_UNKNOWN, LABEL_ONE_CLASS,
 * CLASSIFICATION_TOO_SHORT, CLASSIFICATION_STOPPED, STORE_*.
 */
export async function classify(
  services: Services,
  request: ClassificationRequest,
  options: RunOptions = {},
): Promise<ClassificationSummary> {
  const models = chooseModels(request.models);
  const label = labelOf(request);
  const study = await openStudy(services, request, names, options);
  const { panel, facts } = study;
  const { folds, validation } = request;
  const { season, seasons } = study.seasons(Math.floor((study.longest * folds) / (folds + 1)));
  const found = await study.untilStopped(
    services.classification.classify({
      panel,
      label,
      models,
      folds,
      validation,
      season,
      seasons,
      seed,
      ...(options.signal && { signal: options.signal }),
      onJudged: (progress) => study.emit('classification-progressed', { ...progress }),
    }),
  );
  const summary: ClassificationSummary = {
    ...facts,
    label,
    classes: found.classes,
    folds,
    validation,
    season,
    rows: found.models[0]!.rows,
    models: found.models.map((judged) => toRow(judged, panel.frequency)),
    best: found.best,
    better: found.better,
    latest: found.latest.map((each) => ({
      ...each,
      time: formatTime(each.time, panel.frequency),
      until: formatTime(each.until, panel.frequency),
    })),
    files: facts.out === null ? [] : ['report.json', 'predictions.csv'],
  };
  await study.deliver({
    'predictions.csv': formatPredictions(summary),
    'report.json': `${JSON.stringify(summary, null, 2)}\n`,
  });
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

const needsQuotes = /[",\r\n]/;
const quoted = (text: string): string =>
  needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function formatPredictions({ best, classes, latest }: ClassificationSummary): string {
  const head = ['unique_id', 'time', 'until', 'model', 'predicted'];
  const lines = [
    [...head, ...classes.map((name) => quoted(`probability of ${name}`))].join(','),
    ...latest.map(({ series, time, until, predicted, probabilities }) =>
      [quoted(series), time, until, best, quoted(predicted), ...probabilities].join(','),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
