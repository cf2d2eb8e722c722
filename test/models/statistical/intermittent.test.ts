/** Methods for intermittent demand against statsforecast's figures and their definitions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastAverage } from '../../../models/intermittent/exponential-average.ts';
import { blockSums, fitAggregates } from '../../../models/intermittent/temporal-aggregation.ts';
import type { LocalModel } from '../../../models/model.ts';
import { adida } from '../../../models/statistical/adida.ts';
import { croston } from '../../../models/statistical/croston.ts';
import { crostonSba } from '../../../models/statistical/croston-sba.ts';
import { imapa } from '../../../models/statistical/imapa.ts';
import { tsb } from '../../../models/statistical/tsb.ts';

const demand = Float64Array.of(
  0,
  0,
  2,
  0,
  0,
  0,
  5,
  0,
  1,
  0,
  0,
  3,
  0,
  0,
  0,
  0,
  4,
  0,
  0,
  1,
  1,
  0,
  0,
  0,
  6,
  0,
  2,
  0,
  0,
  0,
);
const context = { horizon: 3, season: 1 };
const fitOf = (model: LocalModel, history: Float64Array, settings = {}) =>
  model.fit(history, context, model.hyperparameters.parse(settings));

describe('the forecast', () => {
  // statsforecast 2.1.1: CrostonClassic, CrostonOptimized, CrostonSBA, TSB(0.1, 0.2), ADIDA, IMAPA.
  it.each([
    ['croston', croston, {}, 0.841839352760086],
    ['croston', croston, { optimised: true }, 0.8418393527605081],
    ['croston-sba', crostonSba, {}, 0.7997473851220817],
    ['tsb', tsb, { sizeWeight: 0.1, probabilityWeight: 0.2 }, 0.5827893059134148],
    ['adida', adida, {}, 0.7831638060002403],
    ['imapa', imapa, {}, 0.7876640335829252],
  ])('of %s is that of statsforecast', (_, model, settings, reference) => {
    const { mean } = fitOf(model, demand, settings);
    for (const value of mean) expect(value).toBeCloseTo(reference, 5);
  });

  it('of croston with weight 1 is the last size over the last interval', () => {
    expect(fitOf(croston, demand, { alpha: 1 }).mean[0]).toBeCloseTo(2 / 2, 12);
    expect(fitOf(crostonSba, demand, { alpha: 1 }).mean[0]).toBeCloseTo(1 / 2, 12);
  });

  it('of tsb falls to nothing when demand stops, that of croston does not', () => {
    const stopped = Float64Array.of(...demand, ...new Float64Array(60));
    expect(fitOf(tsb, stopped).mean[0]).toBeLessThan(0.01);
    expect(fitOf(croston, stopped).mean[0]).toBeCloseTo(0.8418, 4);
  });

  it('of optimised tsb fits no worse than with the weights it starts from', () => {
    const squares = (settings: object): number => {
      const { fitted } = fitOf(tsb, demand, settings).components();
      return fitted!.reduce((sum, value, t) => sum + (demand[t]! - value) ** 2, 0);
    };
    expect(squares({ optimised: true })).toBeLessThanOrEqual(squares({ optimised: false }) + 1e-12);
  });
});

describe('one step ahead', () => {
  // Fitted values of statsforecast 2.1.1 at these times, which forecasts from the first demand on.
  it.each([
    ['croston', croston, {}, [0.666667, 0.741935, 0.75326, 0.841839]],
    ['croston-sba', crostonSba, {}, [0.633333, 0.704839, 0.715597, 0.799747]],
    ['tsb', tsb, { sizeWeight: 0.1, probabilityWeight: 0.2 }, [0.4, 0.648416, 0.889438, 0.728487]],
  ])('%s forecasts as statsforecast does', (_, model, settings, reference) => {
    const { fitted } = fitOf(model, demand, settings).components();
    for (const [k, t] of [3, 7, 12, 29].entries()) expect(fitted![t]).toBeCloseTo(reference[k]!, 5);
  });

  it('aggregates forecast from the blocks that end just before, or from the mean of what there is', () => {
    for (const steps of [1, 3, 4]) {
      const { parameters, paths } = fitAggregates(demand, [steps]);
      const { fitted } = paths();
      const alpha = Number(parameters['alpha']);
      for (let t = 1; t < demand.length; t++) {
        const before = demand.subarray(0, t);
        const sums =
          t < steps ? [before.reduce((sum, value) => sum + value, 0)] : blockSums(before, steps);
        const expected = lastAverage(Float64Array.from(sums), alpha) / Math.min(t, steps);
        expect(fitted[t]).toBeCloseTo(expected, 12);
      }
    }
  });

  it('imapa forecasts the mean of its levels', () => {
    const levels = [1, 2, 3];
    const alone = levels.map((steps) => fitAggregates(demand, [steps]).paths().fitted);
    const { fitted } = fitOf(imapa, demand).components();
    for (let t = 1; t < demand.length; t++) {
      expect(fitted![t]).toBeCloseTo((alone[0]![t]! + alone[1]![t]! + alone[2]![t]!) / 3, 12);
    }
  });

  it('the deviation is the root mean square of the errors from the first forecast on', () => {
    const fit = fitOf(croston, demand);
    const { fitted } = fit.components();
    const errors = [...demand].map((value, t) => value - fitted![t]!).slice(3);
    const expected = Math.sqrt(
      errors.reduce((sum, error) => sum + error * error, 0) / errors.length,
    );
    for (const value of fit.deviation()) expect(value).toBeCloseTo(expected, 12);
  });
});

describe('parts', () => {
  it('of croston are size over interval, of tsb size times probability', () => {
    const ratio = fitOf(croston, demand).components();
    for (let t = 3; t < demand.length; t++) {
      expect(ratio['size']![t]! / ratio['interval']![t]!).toBeCloseTo(ratio['fitted']![t]!, 12);
    }
    const product = fitOf(tsb, demand).components();
    for (let t = 0; t < demand.length; t++) {
      expect(product['size']![t]! * product['probability']![t]!).toBeCloseTo(
        product['fitted']![t]!,
        12,
      );
    }
  });

  it('have the unit of the series, but for intervals and probabilities', () => {
    const thousands = demand.map((value) => value * 1024);
    const small = fitOf(croston, demand).components();
    const large = fitOf(croston, thousands).components();
    expect(large['size']![29]).toBe(small['size']![29]! * 1024);
    expect(large['interval']![29]).toBe(small['interval']![29]);
  });
});

describe('temporal aggregation', () => {
  it('adds up blocks that end with the series, and loses only what is left over at its start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        (values, steps) => {
          fc.pre(steps <= values.length);
          const sums = blockSums(Float64Array.from(values), steps);
          const last = values.slice(-steps).reduce((sum, value) => sum + value, 0);
          expect(sums.at(-1)).toBe(last);
          expect(sums).toHaveLength(Math.floor(values.length / steps));
        },
      ),
    );
  });

  it('of demand at every step is its exponential average', () => {
    const busy = Float64Array.of(3, 4, 5, 4, 3, 5, 6, 4);
    const { mean, parameters } = fitOf(adida, busy);
    expect(parameters['steps']).toBe(1);
    expect(mean[0]).toBeCloseTo(lastAverage(busy, Number(parameters['alpha'])), 12);
    expect(fitOf(imapa, busy).mean[0]).toBe(mean[0]);
  });
});

describe('a series', () => {
  const all: LocalModel[] = [croston, crostonSba, tsb, adida, imapa];

  it('without any demand, or with the same at every step, goes on so', () => {
    for (const model of all) {
      expect([...fitOf(model, new Float64Array(9)).mean]).toEqual([0, 0, 0]);
      expect([...fitOf(model, new Float64Array(9).fill(7)).mean]).toEqual([7, 7, 7]);
    }
  });

  it('with a single demand has a finite forecast', () => {
    for (const model of all) {
      for (const t of [0, 5, 9]) {
        const history = new Float64Array(10);
        history[t] = 3;
        const { mean, deviation } = fitOf(model, history);
        expect(mean[0]).toBeGreaterThanOrEqual(0);
        expect(mean[0]).toBeLessThanOrEqual(3);
        expect(deviation()[0]).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
