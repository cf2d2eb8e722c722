/** The decision timeline of the report: who did what and why, and what was rejected; routing stays quiet. */
import type { Alternative, Decision, Evidence } from '../../state/decision.ts';
import { html, type Markup } from './markup.ts';
import { formatCount, formatDuration, formatInstant, inWords } from './wording.ts';

/** Every decision in order; those of the orchestrator are quieter, unless a person took them. */
export function renderDecisions(decisions: readonly Decision[]): Markup {
  return html`<section id="decisions"><h2>Decisions</h2>
<p class="note">${formatCount(decisions.length, 'decision')} in the order they were taken, with the evidence and the alternatives that were rejected. The orchestrator's choices of the next step are set small.</p>
<ol class="timeline">${decisions.map((decision) =>
    decision.agent === 'orchestrator' && decision.policy !== 'person'
      ? routing(decision)
      : specialist(decision),
  )}</ol></section>`;
}

function routing({ step, id, action, reason, evidence, alternatives }: Decision): Markup {
  const facts = evidenceList(evidence);
  const more =
    (facts !== null || alternatives.length > 0) &&
    html`<details><summary>${alternatives.length > 0 ? rejectedWords(alternatives) : 'evidence'}</summary>${rejectedList(alternatives)}${facts}</details>`;
  return html`<li class="quiet" data-decision="${id}"><span class="step">${step}</span>
<h3>orchestrator → ${action}</h3><p class="why">${reason}</p>${more}</li>
`;
}

function specialist(decision: Decision): Markup {
  const { step, id, agent, action, reason, evidence, alternatives, policy, at, durationMs } =
    decision;
  const who = [agent, formatInstant(at), `took ${formatDuration(durationMs)}`];
  if (policy === 'person') who.push('decided by a person');
  if (policy === 'model') who.push('decided by a language model');
  const rejected =
    alternatives.length > 0 &&
    html`<details><summary>${rejectedWords(alternatives)}</summary>${rejectedList(alternatives)}</details>`;
  return html`<li class="specialist" data-decision="${id}"><span class="step">${step}</span>
<p class="who">${who.map((part) => html`<span>${part}</span>`)}</p>
<h3>${action}</h3><p class="why">${reason}</p>${evidenceList(evidence)}${rejected}</li>
`;
}

const rejectedWords = (alternatives: readonly Alternative[]): string =>
  `${formatCount(alternatives.length, 'alternative')} rejected`;

function rejectedList(alternatives: readonly Alternative[]): Markup | null {
  if (alternatives.length === 0) return null;
  return html`<ul>${alternatives.map(
    ({ action, whyNot }) => html`<li><strong>${action}</strong>: ${whyNot}</li>`,
  )}</ul>`;
}

/** Evidence as terms and values, empty ones left out. */
function evidenceList(evidence: Evidence): Markup | null {
  const known = Object.entries(evidence).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  if (known.length === 0) return null;
  return html`<dl class="evidence">${known.map(
    ([name, value]) => html`<div><dt>${inWords(name)}</dt><dd>${describeValue(value)}</dd></div>`,
  )}</dl>`;
}

function describeValue(value: Evidence[string]): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((each) => describeValue(each)).join(', ');
  const entries = Object.entries(value).map(([name, each]) => `${name} ${describeValue(each)}`);
  return entries.length > 0 ? entries.join(', ') : 'none';
}
