/** Decisions in words: the few that shaped a forecast, and the whole timeline of a run. */
import type { Decision, Evidence } from '../../../state/decision.ts';
import type { Style } from './style.ts';
import { formatCount, formatDuration, formatTime, hang, wrap } from './wording.ts';

/** The decisions of the specialists, and of people, which a summary tells; routing is left to the timeline. */
export function keyDecisions(decisions: readonly Decision[]): Decision[] {
  return decisions.filter(({ agent, policy }) => agent !== 'orchestrator' || policy === 'person');
}

/** Key decisions, two or more lines each: who did what, and why. */
export function renderKeyDecisions(decisions: readonly Decision[], style: Style): string {
  const lines = keyDecisions(decisions).map(
    (decision) =>
      `  ${style.paint('cyan', decision.id)}: ${decision.action}\n${wrap(decision.reason, style.width, '    ')}`,
  );
  return `${style.paint('bold', 'Decisions')}\n${lines.join('\n')}`;
}

const column = 14;

/** Every decision of a run in order, with evidence and what was rejected. */
export function renderTimeline(run: string, decisions: readonly Decision[], style: Style): string {
  const title = style.paint('bold', `${formatCount(decisions.length, 'decision')} of run ${run}`);
  return [title, ...decisions.map((decision) => renderDecision(decision, style))].join('\n\n');
}

function renderDecision(decision: Decision, style: Style): string {
  const { id, action, reason, evidence, alternatives, policy, at, durationMs } = decision;
  const term = (name: string, text: string): string =>
    hang(`    ${name}`, text, column, style.width).replace(name, style.paint('dim', name));
  const decided = policy === 'rules' ? '' : `, decided by a ${policy}`;
  const [first, ...others] = alternatives.map((option) => `${option.action}: ${option.whyNot}`);
  const facts = describeEvidence(evidence);
  return [
    `${style.paint('cyan', id)}  ${style.paint('bold', action)}`,
    term(
      'when',
      `${formatTime(at.replace(/\.\d+Z$/, 'Z'))}, took ${formatDuration(durationMs)}${decided}`,
    ),
    term('why', reason),
    ...(facts === '' ? [] : [term('evidence', facts)]),
    ...(first === undefined ? [] : [term('rejected', first)]),
    ...others.map((other) => hang('', other, column, style.width)),
  ].join('\n');
}

/** Evidence as one phrase: names in words, empty entries left out. */
export function describeEvidence(evidence: Evidence): string {
  return Object.entries(evidence)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${inWords(name)} ${describeValue(value)}`)
    .join('; ');
}

const inWords = (name: string): string =>
  name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );

function describeValue(value: Evidence[string]): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((each) => describeValue(each)).join(', ');
  const entries = Object.entries(value).map(([name, each]) => `${name} ${describeValue(each)}`);
  return entries.length > 0 ? `(${entries.join(', ')})` : 'none';
}
