/** Likelihood of Student's t distribution: like the normal one, with heavier tails that the network chooses. */
import type { Expression } from '../../../tensor/expression.ts';
import {
  add,
  concat,
  div,
  exp,
  greater,
  less,
  log,
  logGamma,
  mul,
  neg,
  softplus,
  sqrt,
  square,
  sub,
  unsqueeze,
  where,
} from '../../../tensor/functions.ts';
import { type Loss, outputAt } from './loss.ts';
import { normalQuantile } from '../../../series/statistics.ts';
import { spreadOf } from './normal.ts';

/** Degrees of freedom, above 2 so that there is a variance. */
const freedomOf = (output: Expression): Expression => add(softplus(output), 2);

/**
 * -log density of location m, scale s and n degrees of freedom, in scaled units:
 * log G(n / 2) - log G((n + 1) / 2) + log(n pi) / 2 + log s + (n + 1) / 2 log(1 + u^2 / n), u = (y - m) / s.
 */
export const studentT: Loss = {
  name: 'student-t',
  summary:
    "likelihood of Student's t distribution, heavy tails included; the forecast is its median",
  source:
    'Lange, Little, Taylor 1989, Robust Statistical Modeling Using the t Distribution, JASA 84',
  needs: 'shape',
  pointIs: 'median',
  outputs: () => 3,
  locations: () => 1,
  losses(outputs, { scaled }) {
    const spread = spreadOf(outputAt(outputs, 1));
    const freedom = freedomOf(outputAt(outputs, 2));
    const half = mul(add(freedom, 1), 0.5);
    const gammas = sub(logGamma(mul(freedom, 0.5)), logGamma(half));
    const size = add(mul(log(mul(freedom, Math.PI)), 0.5), log(spread));
    const standardised = div(sub(scaled, outputAt(outputs, 0)), spread);
    const tail = mul(half, log(add(div(square(standardised), freedom), 1)));
    return add(add(gammas, size), tail);
  },
  point: (outputs, frame) => frame.unscale(outputAt(outputs, 0)),
  quantiles(outputs, frame) {
    const location = outputAt(outputs, 0);
    const spread = spreadOf(outputAt(outputs, 1));
    const freedom = freedomOf(outputAt(outputs, 2));
    const values = frame.settings.levels.map((level) => {
      if (level === 0.5) return frame.unscale(location);
      const upper = quantileOf(freedom, 2 * Math.min(level, 1 - level));
      return frame.unscale(add(location, mul(level < 0.5 ? neg(upper) : upper, spread)));
    });
    return concat(
      values.map((value) => unsqueeze(value, -1)),
      -1,
    );
  },
};

/**
 * The value that |t| exceeds with probability `tail`, for n > 2 degrees of freedom: Hill 1970, Algorithm 396, Student's
 * t-quantiles, Communications of the ACM 13(10); symbols as there. Six digits.
 */
function quantileOf(n: Expression, tail: number): Expression {
  const a = div(1, sub(n, 0.5));
  const b = div(48, square(a));
  const c0 = add(mul(sub(mul(sub(div(mul(a, 20_700), b), 98), a), 16), a), 96.36);
  const d = mul(mul(add(div(sub(div(94.5, add(b, c0)), 3), b), 1), sqrt(mul(a, Math.PI / 2))), n);
  const power = exp(div(log(mul(d, tail)), mul(n, 0.5))); // (d tail)^(2 / n)
  const y = where(
    greater(power, add(a, 0.05)),
    nearNormal(n, tail, { a, b, c: c0, d }),
    far(n, d, power),
  );
  return sqrt(mul(n, y));
}

interface HillTerms {
  readonly a: Expression;
  readonly b: Expression;
  readonly c: Expression;
  readonly d: Expression;
}

/** Expansion about the normal distribution. */
function nearNormal(n: Expression, tail: number, { a, b, c, d }: HillTerms): Expression {
  const x = normalQuantile(tail / 2);
  const y = x * x;
  const c1 = where(less(n, 5), add(c, mul(sub(n, 4.5), 0.3 * (x + 0.6))), c);
  const c2 = add(add(mul(sub(mul(sub(mul(sub(mul(d, 0.05 * x), 5), x), 7), x), 2), x), b), c1);
  const polynomial = ((0.4 * y + 6.3) * y + 36) * y + 94.5;
  const series = mul(add(div(sub(div(polynomial, c2), y + 3), b), 1), x);
  const z = mul(a, square(series));
  return where(greater(z, 0.002), sub(exp(z), 1), add(mul(square(z), 0.5), z));
}

/** Expansion for small tails. */
function far(n: Expression, d: Expression, y: Expression): Expression {
  const inner = sub(sub(div(add(n, 6), mul(n, y)), mul(d, 0.089)), 0.822);
  const first = div(1, mul(mul(inner, add(n, 2)), 3));
  const whole = sub(mul(add(first, div(0.5, add(n, 4))), y), 1);
  return add(mul(whole, div(add(n, 1), add(n, 2))), div(1, y));
}
