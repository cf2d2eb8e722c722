/** What all methods for intermittent demand share: a flat forecast, and its error from the errors one step ahead. */
import type { LocalContext, LocalFit } from '../model.ts';
import { constantFit, isConstant } from '../numerics/plain-fits.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';

/** A method applied to one series. */
export interface IntermittentFit {
  /** Mean demand of each step after the series. */
  readonly forecast: number;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** First time for which `fitted` is a forecast; later errors are counted. */
  readonly start: number;
  /**
   * [n] each: `fitted`, the forecasts one step ahead, and what they are made of, of which `sizes` names those in the unit of
   * the series. Made when asked for.
   */
  paths(): { readonly fitted: Float64Array; readonly [name: string]: Float64Array };
}

/** Names of paths that have no unit. */
const unitless: ReadonlySet<string> = new Set(['interval', 'probability']);

/**
 * The fit of `method`, which is given the series divided by a power of two, never constant. The deviation is the root mean
 * square of the errors one step ahead, for all steps: with sporadic demand the demand of the step itself outweighs by far
 * what is not known of its mean.
 */
export function fitIntermittent(
  history: Float64Array,
  context: LocalContext,
  method: (values: Float64Array) => IntermittentFit,
): LocalFit {
  if (isConstant(history)) return constantFit(history, context);
  const { horizon } = context;
  const scale = binaryScale(history);
  const values = history.map((value) => value / scale);
  const fit = method(values);
  const flat = (value: number): Float64Array =>
    rescale(new Float64Array(horizon).fill(value), scale);
  return {
    mean: flat(fit.forecast),
    parameters: fit.parameters,
    deviation: () => {
      const { fitted } = fit.paths();
      const start = Math.min(fit.start, values.length - 1);
      let squares = 0;
      for (let t = start; t < values.length; t++) squares += (values[t]! - fitted[t]!) ** 2;
      return flat(Math.sqrt(squares / (values.length - start)));
    },
    components: () =>
      Object.fromEntries(
        Object.entries(fit.paths()).map(([name, path]) => [
          name,
          unitless.has(name) ? path : rescale(path, scale),
        ]),
      ),
  };
}
