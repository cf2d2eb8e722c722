/** Published scores on ETTh1 and ETTm1, at horizons 96, 192, 336 and 720. */

/** Errors in standard deviations of the training part. */
export interface Scores {
  readonly mse: number;
  readonly mae: number;
}

/** Horizons of the tables. */
export const horizons = [96, 192, 336, 720] as const;

/** How authors counted, where they did it otherwise than over all test windows in units of the training part. */
export interface Counting {
  /** Test batch of which they dropped the last, incomplete one. */
  readonly dropLast?: number;
  /** They standardised each channel by all that comes before the test part. */
  readonly unit?: 'before-test';
}

/** A row of a table. */
export interface PublishedRow {
  readonly source: string;
  readonly counting?: Counting;
  /** MSE and MAE, horizon after horizon. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
}

const zeng = 'Zeng et al. 2023, table 2; look-back 336';
const nie = 'Nie et al. 2023, table 3';
const docs =
  "neuralforecast's experiments/long_horizon; look-back 7 horizons, best of 20 draws by validation, data of " +
  'datasetsforecast, which standardises by all before the test part';

/** By row name of the benchmark. */
export const published: Readonly<Record<string, PublishedRow>> = {
  'repeat-last': {
    source: zeng,
    scores: { ETTh1: [1.295, 0.713] },
  },
  nlinear: {
    source: zeng,
    scores: {
      ETTh1: [0.374, 0.394, 0.408, 0.415, 0.429, 0.427, 0.44, 0.453],
      ETTm1: [0.306, 0.348, 0.349, 0.375, 0.375, 0.388, 0.433, 0.422],
    },
  },
  dlinear: {
    source: zeng,
    scores: {
      ETTh1: [0.375, 0.399, 0.405, 0.416, 0.439, 0.443, 0.472, 0.49],
      ETTm1: [0.299, 0.343, 0.335, 0.365, 0.369, 0.386, 0.425, 0.421],
    },
  },
  nhits: {
    source: docs,
    counting: { unit: 'before-test' },
    scores: {
      ETTh1: [0.378, 0.393, 0.427, 0.436, 0.458, 0.484, 0.561, 0.501],
      ETTm1: [0.302, 0.35, 0.347, 0.383, 0.369, 0.402, 0.431, 0.441],
    },
  },
  patchtst: {
    source: `${nie}, PatchTST/42; look-back 336`,
    counting: { dropLast: 128 },
    scores: {
      ETTh1: [0.375, 0.399, 0.414, 0.421, 0.431, 0.436, 0.449, 0.466],
      ETTm1: [0.29, 0.342, 0.332, 0.369, 0.366, 0.392, 0.42, 0.424],
    },
  },
  'patchtst/64': {
    source: `${nie}, PatchTST/64; look-back 512`,
    counting: { dropLast: 128 },
    scores: {
      ETTh1: [0.37, 0.4, 0.413, 0.429, 0.422, 0.44, 0.447, 0.468],
      ETTm1: [0.293, 0.346, 0.333, 0.37, 0.369, 0.392, 0.416, 0.42],
    },
  },
  tide: {
    source:
      "Das et al. 2023, as in neuralforecast's documentation; look-back 720, with calendar covariates",
    scores: {
      ETTh1: [0.375, 0.398, 0.412, 0.422, 0.435, 0.433, 0.454, 0.465],
      ETTm1: [0.306, 0.349, 0.335, 0.366, 0.364, 0.384, 0.413, 0.413],
    },
  },
  itransformer: {
    source: 'Liu et al. 2024, table 10; look-back 96',
    scores: {
      ETTh1: [0.386, 0.405, 0.441, 0.436, 0.487, 0.458, 0.503, 0.491],
      ETTm1: [0.334, 0.368, 0.377, 0.391, 0.426, 0.42, 0.491, 0.459],
    },
  },
};

/** The published scores of a row on a data set at a horizon, null where there are none. */
export function publishedScores(row: string, data: string, horizon: number): Scores | null {
  const values = published[row]?.scores[data];
  const at = 2 * horizons.findIndex((other) => other === horizon);
  const [mse, mae] = at < 0 ? [] : (values?.slice(at, at + 2) ?? []);
  return mse === undefined || mae === undefined ? null : { mse, mae };
}
