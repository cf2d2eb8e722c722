/** Network context: hands a model its declarations, and collects what it declares, follows and exposes. */
import type {
  DeclareParameter,
  Hyperparameters,
  Initialiser,
  NetworkContext,
  NetworkShape,
  NeuralModel,
} from '../../models/model.ts';
import { assert } from '../../state/errors.ts';
import { type Expression, parameter } from '../../tensor/expression.ts';

/** An array that follows the training: its leaf, and what it becomes after a step. */
export interface Statistic {
  readonly value: Expression;
  readonly next: Expression;
}

/** How a training graph differs from one that only computes. */
export interface TrainingMode extends Pick<NetworkContext, 'dropout'> {
  /** As `dropout` if left out. */
  readonly dropoutOfGroups?: NetworkContext['dropoutOfGroups'];
  /** Layers take all samples at once if left out. */
  readonly largestArray?: number;
}

/** A context under construction; the collections fill while the model builds its graph. */
export interface CollectedContext {
  readonly context: NetworkContext;
  /** Leaves that are trained. */
  readonly parameters: readonly Expression[];
  /** Leaves that follow; empty in a graph that only computes, where `following` has them. */
  readonly statistics: readonly Statistic[];
  /** The leaves of all statistics, in either kind of graph. */
  readonly following: readonly Expression[];
  /** How each of the leaves starts. */
  readonly initialisers: Readonly<Record<string, Initialiser>>;
  /** What the model exposed, by name. */
  readonly exposed: Readonly<Record<string, Expression>>;
}

/** A context for one call of `model.forward`; a training graph where `mode` is given. */
export function createNetworkContext(
  { name: model }: NeuralModel,
  hyperparameters: Hyperparameters,
  shape: NetworkShape,
  mode?: TrainingMode,
): CollectedContext {
  const parameters: Expression[] = [];
  const statistics: Statistic[] = [];
  const following: Expression[] = [];
  const initialisers: Record<string, Initialiser> = {};
  const exposed: Record<string, Expression> = {};
  const leaf: DeclareParameter = (name, dimensions, initialiser) => {
    assert(!(name in initialisers), `${model} declares parameter ${name} twice`);
    initialisers[name] = initialiser;
    return parameter(name, dimensions);
  };
  const dropout: NetworkContext['dropout'] = (x, rate) =>
    mode === undefined || rate === 0 ? x : mode.dropout(x, rate);
  const context: NetworkContext = {
    shape,
    hyperparameters,
    training: mode !== undefined,
    declare(name, dimensions, initialiser) {
      const declared = leaf(name, dimensions, initialiser);
      parameters.push(declared);
      return declared;
    },
    declareStatistic(name, dimensions, start, next) {
      const value = leaf(name, dimensions, { kind: 'constant', value: start });
      following.push(value);
      if (mode !== undefined) statistics.push({ value, next: next(value) });
      return value;
    },
    dropout,
    dropoutOfGroups: mode?.dropoutOfGroups ?? (() => ({ whole: dropout, group: () => dropout })),
    largestArray: mode?.largestArray ?? Number.POSITIVE_INFINITY,
    expose(name, value) {
      assert(!(name in exposed), `${model} exposes ${name} twice`);
      exposed[name] = value;
    },
  };
  return { context, parameters, statistics, following, initialisers, exposed };
}
