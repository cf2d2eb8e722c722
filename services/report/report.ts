/** Report: one self-contained HTML page that tells a run to a person; no script, nothing loaded from elsewhere. */
import { formatFrequency } from '../../series/frequency.ts';
import { formatTime } from '../../series/format-time.ts';
import { renderDecisions } from './decision-section.ts';
import { fanChart } from './fan-chart.ts';
import { html, type Markup, markupText, trustMarkup } from './markup.ts';
import { pageStyle } from './page-style.ts';
import type { ReportData, ReportModel, ReportSeries } from './report-data.ts';
import { compareWords, renderScores, verdictOf } from './score-section.ts';
import {
  familyWords,
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatNumber,
  formatReach,
  formatShare,
  formatWeight,
  inWords,
  listNames,
} from './wording.ts';

/** The whole page as HTML text. */
export function renderReport(data: ReportData): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${titleOf(data)}</title>
<style>${trustMarkup(pageStyle)}</style>
</head>
<body><main>
${renderHead(data)}
${renderCharts(data)}
${renderScores(data)}
${renderModels(data)}
${renderRepairs(data)}
${renderDecisions(data.decisions)}
${renderSettings(data)}
${renderFiles(data)}
</main></body>
</html>
`;
  return markupText(page);
}

function titleOf({ request, frequency, panel, source }: ReportData): string {
  const series = formatCount(panel.series, 'series', 'series');
  return `${formatReach(request.horizon, frequency)} ahead for ${series} of ${source}`;
}

function renderHead(data: ReportData): Markup {
  const { run, models } = data;
  const made =
    models.length === 1
      ? html`The forecast is made by ${modelName(models[0]!)}.`
      : html`The forecast is ${ruleWords[data.rule]}: ${models.map(
          (model, i) =>
            html`${i > 0 && ', '}${data.rule === 'average' && `${formatWeight(model.weight)} `}${modelName(model)}`,
        )}.`;
  const fallen = data.fallbacks.reduce((sum, { series }) => sum + series, 0);
  const exception =
    fallen > 0 && ` ${formatCount(fallen, 'series', 'series')} fell back to the naive family.`;
  return html`<header><p class="eyebrow">agentic-forecast · run ${run.id} · ${formatInstant(run.createdAt)}</p>
<h1>${titleOf(data)}</h1>
<p class="lede">${models.length > 0 && made} ${verdictWords(data)}${exception}</p>
${renderTiles(data)}</header>`;
}

const ruleWords = {
  average: 'a weighted average',
  median: 'at each step the median of several models',
  'trimmed-mean':
    'at each step the mean of several models without the quarter of the highest and of the lowest',
} as const;

const modelName = ({ name, kind }: ReportModel): Markup =>
  html`<strong>${name}</strong>${kind !== null && ` (${kind})`}`;

function verdictWords(data: ReportData): Markup {
  const verdict = verdictOf(data);
  if (!verdict) {
    return html`How accurate it is was not measured: the series are too short to hold any of it out.`;
  }
  const { own, reference, measure } = verdict;
  const count = data.folds.test;
  const folds =
    count === 1 ? 'the test fold' : count > 1 ? `the ${count} test folds` : 'the test folds';
  const figure = `${measure.toUpperCase()} ${formatNumber(own)}`;
  if (reference === null) return html`On ${folds}, which chose nothing, it has ${figure}.`;
  const tone = own < reference ? 'good' : own > reference ? 'bad' : '';
  return html`On ${folds}, which chose nothing, it is <strong class="${tone}">${compareWords(own, reference)}</strong> seasonal-naive: ${figure} against ${formatNumber(reference)}.`;
}

function renderTiles(data: ReportData): Markup | null {
  const verdict = verdictOf(data);
  if (!verdict) return null;
  const { served, own, reference, measure } = verdict;
  const tiles: [string, string][] = [
    [`${measure.toUpperCase()} on the test folds`, formatNumber(own)],
  ];
  if (reference !== null && reference !== 0) {
    tiles.push(['ratio to seasonal-naive', (own / reference).toFixed(2)]);
  }
  if (served.coverage80 !== null)
    tiles.push(['of the truth in the 80\u00a0% interval', formatShare(served.coverage80)]);
  if (served.coverage95 !== null)
    tiles.push(['of the truth in the 95\u00a0% interval', formatShare(served.coverage95)]);
  tiles.push(['for the whole run', formatDuration(data.run.elapsedMs)]);
  return html`<dl class="tiles">${tiles.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function renderCharts({ series, frequency, panel }: ReportData): Markup {
  const which =
    series.length < panel.series
      ? `${series.length} of ${formatCount(panel.series, 'series', 'series')}, evenly spaced`
      : formatCount(series.length, 'series', 'series');
  const keys = [
    ['history', 'history'],
    ['forecast', 'forecast'],
    ...(series[0]?.bands ?? [])
      .toReversed()
      .map(({ level }) => [`${level}`, `${level}\u00a0% interval`]),
  ] as const;
  return html`<section id="forecasts"><h2>Forecasts</h2><p class="note">${which}; the dotted line is the last observation.</p>
<ul class="legend">${keys.map(([key, text]) => html`<li><i class="key-${key}"></i>${text}</li>`)}</ul>
<div class="charts">${series.map((each) => {
    const chart = fanChart(each, frequency.unit !== 'index');
    const last = each.times.at(-1)!;
    const label = `${each.id}: forecast of ${formatCount(each.times.length, 'step')} up to ${formatTime(last, frequency)}, ${endWords(each)}`;
    return html`<figure><figcaption><strong>${each.id}</strong><small>${listNames(each.model)}</small></figcaption>${
      chart === undefined
        ? html`<p class="nothing">Its values cannot be drawn.</p>`
        : html`<div role="img" aria-label="${label}">${trustMarkup(chart)}</div>`
    }</figure>
`;
  })}</div></section>`;
}

/** The end of a forecast in words, for those who do not see the chart. */
function endWords({ point, bands }: ReportSeries): string {
  const wide = bands.find(({ level }) => level === 80);
  const range = wide
    ? `, 80 % interval ${formatNumber(wide.lower.at(-1))} to ${formatNumber(wide.upper.at(-1))}`
    : '';
  return `${formatNumber(point.at(-1))} at the end${range}`;
}

function renderModels({ models, fallbacks }: ReportData): Markup {
  const rows = models.map(
    (model) => html`<tr><th scope="row">${modelName(model)}</th>
<td class="family">${familyWords[model.family]}</td>
<td><span class="bar"><i style="width:${(model.weight * 100).toFixed(1)}%"></i></span>${formatWeight(model.weight)}</td>
<td class="words">${model.version === null ? 'fitted to each series' : html`<code>${model.version}</code>`}</td>
<td class="words">${settingWords(model.settings)}</td></tr>`,
  );
  const fallen =
    fallbacks.length === 0
      ? html`<p class="note">No series had to fall back to the naive family.</p>`
      : html`<h3>Series that fell back to the naive family</h3>
<div class="scroll" tabindex="0"><table class="fallbacks"><thead><tr><th scope="col">series</th><th scope="col" class="words">why</th><th scope="col" class="words">among them</th></tr></thead><tbody>${fallbacks.map(
          ({ series, reason, examples }) =>
            html`<tr><td>${series.toLocaleString('en-US')}</td><td class="words">${reason}</td><td class="words">${examples.join(', ')}</td></tr>`,
        )}</tbody></table></div>`;
  return html`<section id="models"><h2>Models and weights</h2>
<div class="scroll" tabindex="0"><table class="weights"><thead><tr><th scope="col">model</th><th scope="col" class="family">family</th><th scope="col">weight</th><th scope="col" class="words">registered as</th><th scope="col" class="words">configuration</th></tr></thead><tbody>${rows}</tbody></table></div>
${fallen}</section>`;
}

const settingWords = (settings: ReportModel['settings']): string =>
  Object.entries(settings)
    .map(([name, value]) => `${inWords(name)} ${value}`)
    .join(', ') || 'none';

function renderRepairs({ panel }: ReportData): Markup {
  const { repairs } = panel;
  if (repairs.length === 0) {
    return html`<section id="repairs"><h2>How the input was read and repaired</h2><p class="note">It was taken as it is.</p></section>`;
  }
  return html`<section id="repairs"><h2>How the input was read and repaired</h2>
<div class="scroll" tabindex="0"><table class="repairs"><thead><tr><th scope="col">kind</th><th scope="col">series</th><th scope="col">observations</th><th scope="col" class="words">what was done</th></tr></thead><tbody>${repairs.map(
    ({ kind, series, observations, detail }) =>
      html`<tr><th scope="row">${kind}</th><td>${series.toLocaleString('en-US')}</td><td>${observations.toLocaleString('en-US')}</td><td class="words">${detail}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function renderSettings(data: ReportData): Markup {
  const { run, request, panel, season, recipe, frequency } = data;
  const { shortest, longest } = panel;
  const lengths = shortest === longest ? `${longest} each` : `${shortest} to ${longest} each`;
  const asked = Object.entries(request)
    .filter(([name, value]) => value !== undefined && name !== 'out')
    .map(([name, value]): [string, string] => [inWords(name), [value].flat().join(', ')]);
  const found: [string, string][] = [
    ['observations', `${panel.observations.toLocaleString('en-US')} (${lengths})`],
    ['layout', panel.layout],
    ['sampling frequency', formatFrequency(frequency)],
    ...(season === null ? [] : [['season', formatCount(season, 'step')] as [string, string]]),
    ...(recipe === null ? [] : [['treatment of the target', inWords(recipe)] as [string, string]]),
    ...columnsFound(data),
    ['run', run.id],
    ['workflow graph', `version ${run.graphVersion}`],
  ];
  if (run.forkOf) {
    found.push(['fork of', `${run.forkOf.run} at ${run.forkOf.decision}: ${run.forkOf.choice}`]);
  }
  return html`<section id="settings"><h2>Settings</h2><h3>Asked for</h3>${terms(asked)}<h3>Found</h3>${terms(found)}</section>`;
}

/** What networks are offered beside the series, by kind. */
function columnsFound({ panel, calendar }: ReportData): [string, string][] {
  const kinds = { future: 'columns known ahead', historical: 'columns of the past' };
  const fixed = { static: 'figures of a series', categories: 'labels of a series' };
  const found = Object.entries({ ...kinds, ...fixed }).map(([kind, term]): [string, string] => [
    term,
    (panel.columns ?? [])
      .filter((column) => column.startsWith(`${kind}:`))
      .map((column) => column.slice(kind.length + 1))
      .join(', '),
  ]);
  found.push(['calendar', calendar.map(inWords).join(', ')]);
  return found.filter(([, names]) => names !== '');
}

const terms = (entries: readonly (readonly [string, string])[]): Markup =>
  html`<dl class="settings">${entries.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;

function renderFiles({ files }: ReportData): Markup | null {
  if (files.length === 0) return null;
  return html`<section id="files"><h2>Files</h2>
<div class="scroll" tabindex="0"><table class="files"><thead><tr><th scope="col">file</th><th scope="col">size</th><th scope="col" class="words">SHA-256</th></tr></thead><tbody>${files.map(
    ({ name, bytes, sha256 }) =>
      html`<tr><th scope="row">${name}</th><td>${formatBytes(bytes)}</td><td class="words"><code>${sha256}</code></td></tr>`,
  )}</tbody></table></div></section>`;
}
