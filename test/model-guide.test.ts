/** The guides to models and training tell the truth: their tables are those of the code, and no model is left out. */
import { describe, it } from 'vitest';
import { z } from 'zod';
import type { ExogenousKind, NeuralModel } from '../models/model.ts';
import { naiveModels } from '../models/naive/index.ts';
import { neuralModels } from '../models/neural/index.ts';
import { statisticalModels } from '../models/statistical/index.ts';
import { tabularModels } from '../models/trees/index.ts';
import { tabularSettingsSchema } from '../services/tabular/settings.ts';
import { losses } from '../services/training/losses/index.ts';
import { scalers } from '../services/training/scalers/index.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';

/** What the JSON schema of one setting says. */
interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly description?: string;
}

const noBound = Number.MAX_SAFE_INTEGER;

/** Values that a setting may have. */
function rangeOf(property: Property): string {
  if (property.enum !== undefined) return property.enum.join(', ');
  if (property.type === 'boolean') return 'true, false';
  const least = property.minimum ?? property.exclusiveMinimum;
  const most = property.maximum ?? property.exclusiveMaximum;
  if (least === undefined || least === -noBound) return '';
  const above = property.exclusiveMinimum === undefined ? '' : 'above ';
  if (most === undefined || most === noBound) return `${above || 'from '}${least}`;
  const below = property.exclusiveMaximum === undefined ? '' : 'below ';
  return `${above}${least} to ${below}${most}`;
}

/** What the settings of `schema` mean, [rows][name, meaning, values, default]; those of `required` have no default. */
function settingsRows(
  schema: z.ZodType,
  required: Readonly<Record<string, number>> = {},
): string[][] {
  const defaults = schema.parse(required) as Record<string, number | string | boolean>;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const properties = Object.entries((json.properties ?? {}) as Record<string, Property>);
  return properties.map(([name, property]) => [
    `\`${name}\``,
    property.description ?? '',
    rangeOf(property),
    name in required ? 'required' : String(defaults[name]),
  ]);
}

function settingsTable(schema: z.ZodType, required?: Readonly<Record<string, number>>): string {
  const rows = settingsRows(schema, required);
  if (rows.length === 0) return 'No parameters of its own.';
  return markdownTable(['name', 'meaning', 'values', 'default'], rows);
}

const inputsOf = ({ exogenous }: NeuralModel): string => {
  const words: Readonly<Record<ExogenousKind, string>> = {
    future: 'known ahead',
    historical: 'known up to the origin',
    static: 'fixed numbers',
    categories: 'fixed categories',
  };
  return exogenous?.map((kind) => words[kind]).join(', ') ?? 'none';
};

function samplesOf({ multivariate, hyperparameters }: NeuralModel): string {
  if (multivariate === undefined) return 'one series';
  return multivariate(hyperparameters.parse({})) ? 'all series' : 'one series, or all';
}

describe('the guide to the models', () => {
  it('lists the networks', () => {
    const rows = neuralModels.map((model) => [
      `\`${model.name}\``,
      samplesOf(model),
      inputsOf(model),
      model.decomposes === true ? 'yes' : 'no',
      model.source,
    ]);
    const head = ['network', 'a sample holds', 'exogenous columns', 'parts add up', 'source'];
    expectGeneratedSection('docs/models.md', 'networks', markdownTable(head, rows));
  });

  it('lists the naive models', () => {
    const rows = naiveModels.map(({ name, summary, source }) => [`\`${name}\``, summary, source]);
    const table = markdownTable(['model', 'what it does', 'source'], rows);
    expectGeneratedSection('docs/models.md', 'naive models', table);
  });

  it('lists the statistical models, with the fewest values that each needs', () => {
    const rows = statisticalModels.map((model) => {
      const defaults = model.hyperparameters.parse({});
      const needed = (season: number): string =>
        String(model.minimumLength({ horizon: 1, season }, defaults));
      return [`\`${model.name}\``, model.summary, needed(1), needed(12), model.source];
    });
    const head = ['model', 'what it does', 'no season', 'a season of 12', 'source'];
    expectGeneratedSection('docs/models.md', 'statistical models', markdownTable(head, rows));
  });

  it('tells the parameters of the statistical models', () => {
    const rows = statisticalModels.flatMap(({ name, hyperparameters }) =>
      settingsRows(hyperparameters).map((row) => [`\`${name}\``, ...row]),
    );
    const table = markdownTable(['model', 'name', 'meaning', 'values', 'default'], rows);
    expectGeneratedSection('docs/models.md', 'parameters of statistical models', table);
  });

  it('lists the table models', () => {
    const words = { value: 'values', class: 'classes' };
    const rows = tabularModels.map(({ name, summary, targets, source }) => [
      `\`${name}\``,
      summary,
      targets.map((target) => words[target]).join(', '),
      source,
    ]);
    const head = ['model', 'what it does', 'learns', 'source'];
    expectGeneratedSection('docs/models.md', 'table models', markdownTable(head, rows));
  });

  it('tells the settings of table models', () => {
    const table = settingsTable(tabularSettingsSchema);
    expectGeneratedSection('docs/models.md', 'table settings', table);
  });

  it.each([...tabularModels, ...neuralModels])(
    'tells the parameters of $name',
    ({ name, hyperparameters }) => {
      const section = `parameters of ${name}`;
      expectGeneratedSection('docs/models.md', section, settingsTable(hyperparameters));
    },
  );
});

describe('the guide to training', () => {
  it('lists the settings', () => {
    const table = settingsTable(trainingSettingsSchema, { lookBack: 1 });
    expectGeneratedSection('docs/training.md', 'training settings', table);
  });

  it('lists the losses', () => {
    const rows = losses.map(({ name, summary, pointIs, quantiles, distribution, source }) => [
      `\`${name}\``,
      summary,
      pointIs,
      quantiles !== undefined || distribution !== undefined ? 'yes' : 'no',
      source,
    ]);
    const head = ['loss', 'what it is', 'the forecast is its', 'gives quantiles', 'source'];
    expectGeneratedSection('docs/training.md', 'losses', markdownTable(head, rows));
  });

  it('lists the scalers', () => {
    const rows = scalers.map(({ name, summary, equivariant, source }) => [
      `\`${name}\``,
      summary,
      equivariant ? 'no' : 'yes',
      source,
    ]);
    const head = ['scaler', 'what it does', 'level and size matter', 'source'];
    expectGeneratedSection('docs/training.md', 'scalers', markdownTable(head, rows));
  });
});
