/** The served forecast of a hierarchy: it adds up, and its residuals are those of the reconciled forecasts. */
import { describe, expect, it } from 'vitest';
import { reconcileServed, type ServedTask } from '../../../services/hierarchy/served-hierarchy.ts';
import { seriesScale } from '../../../series/accuracy.ts';
import { memberAlone } from '../../../series/ensemble/member.ts';
import { planFolds } from '../../../series/folds.ts';
import { withAggregates } from '../../../series/hierarchy/aggregate-panel.ts';
import { createHierarchy, incoherence } from '../../../series/hierarchy/hierarchy.ts';
import { createReconciler } from '../../../series/hierarchy/reconciliation.ts';
import { seriesLength, seriesValues } from '../../../series/panel.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const normal = normals(7);
const bottom = panelOf([0, 1, 2].map((i) => generate(60, () => 100 + 10 * i + normal())));
const hierarchy = createHierarchy([{ name: 'g', labels: ['a', 'a', 'b'] }], [['g']]);
const panel = withAggregates(bottom, hierarchy);
const series = panel.ids.length;
const horizon = 2;
const season = 1;
const plan = planFolds(
  panel.ids.map((_, i) => seriesLength(panel, i)),
  horizon,
  10,
);
const folds = plan.folds.filter(({ kind }) => kind === 'validation');
const residuals = Float64Array.from({ length: folds.length * series * horizon }, () => normal());
const task: ServedTask = {
  panel,
  plan,
  season,
  weights: memberAlone(['naive'], 0),
  residuals: { validation: [{ name: 'naive', residuals }], test: [] },
};
const reconcile = (point: Float64Array) =>
  reconcileServed({ hierarchy, method: 'ols' }, task, point, (kind) =>
    kind === 'validation' ? residuals : new Float64Array(0),
  );

describe('reconcileServed', () => {
  it('makes the point forecast add up and says how far it was from that', () => {
    const point = Float64Array.from({ length: series * horizon }, (_, k) => 100 + k);
    const { made } = reconcile(point);
    for (let k = 0; k < horizon; k++) {
      const step = Float64Array.from({ length: series }, (_, i) => point[i * horizon + k]!);
      for (const gap of incoherence(hierarchy, step)) expect(gap).toBeCloseTo(0, 9);
    }
    expect(made).toMatchObject({ method: 'ols', aggregates: hierarchy.ids.length });
    expect(made.largestIncoherence!.id).toBe('total');
  });

  it('gives the residuals of the reconciled forecasts, which are the projected errors', () => {
    const { served } = reconcile(new Float64Array(series * horizon));
    const [member] = served.residuals.validation;
    expect(served.weights.members).toEqual([member!.name]);
    expect(served.residuals.test).toEqual([]);
    const { reconcile: project } = createReconciler({
      hierarchy,
      method: 'ols',
      histories: () => new Float64Array(0),
      sample: { rows: 0, errors: new Float64Array(0) },
    });
    for (const [f, { stepsFromEnd }] of folds.entries()) {
      const scales = panel.ids.map((_, i) =>
        seriesScale(seriesValues(panel, i).slice(0, -stepsFromEnd), season),
      );
      const at = (i: number, k: number): number => (f * series + i) * horizon + k;
      for (let k = 0; k < horizon; k++) {
        const errors = Float64Array.from(scales, (scale, i) => residuals[at(i, k)]! * scale);
        project(errors);
        for (const [i, scale] of scales.entries()) {
          expect(member!.residuals[at(i, k)]! * scale).toBeCloseTo(errors[i]!, 8);
        }
      }
    }
  });
});
