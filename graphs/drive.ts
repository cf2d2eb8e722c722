/** Drives one run through its graph under a lease, from its input or from its last checkpoint, to a real end. */
import type { Destination } from '../agents/orchestrator.ts';
import { matchesChoice } from '../agents/choice.ts';
import type { Services } from '../services/index.ts';
import type { RunLog } from '../services/log/run-log.ts';
import type { Lease, RunRecord } from '../services/runs/runs.ts';
import { agentNames, type Decision } from '../state/decision.ts';
import { assert, fail, isForecastError } from '../state/errors.ts';
import type { LogLine } from '../state/events.ts';
import type { RunInput, RunState } from '../state/run-state.ts';
import { createForecastingGraph, graphVersion, type RunContext } from './forecasting.ts';

/** How a caller follows and stops a run. */
export interface RunOptions {
  /** Abort it to stop the run at the next safe point; it can be resumed. */
  readonly signal?: AbortSignal;
  /** Called with every line of the run's log as it is written. */
  readonly onEvent?: (line: LogLine) => void;
}

/** The services and the graph that runs on them. */
export interface Workflow {
  readonly services: Services;
  readonly graph: ReturnType<typeof createForecastingGraph>;
}

/** Where a run stands: its newest checkpointed state and what would run next. */
export interface Position {
  readonly state: RunState;
  readonly next: readonly string[];
  readonly step: number;
}

/** More supersteps than this are a fault of the policy, not a long run. */
const recursionLimit = 200;

/** The graph over `services`, with their checkpointer. */
export function createWorkflow(services: Services): Workflow {
  return { services, graph: createForecastingGraph(services, services.checkpoints) };
}

const threadOf = (run: string) => ({ configurable: { thread_id: run } });

/**
 * Works on a run until it is completed, and leaves it recorded as what became of it otherwise.
 * Errors: RUN_OWNED, RUN_CANCELLED, RUN_LEASE_LOST, and whatever the agents fail with.
 */
export async function drive(
  workflow: Workflow,
  record: RunRecord,
  input: RunInput | null,
  options: RunOptions,
): Promise<RunRecord> {
  const { services } = workflow;
  const lease = services.runs.acquire(record.id);
  const log = services.openLog(record.id, options.onEvent);
  try {
    const begun = (await services.checkpoints.getTuple(threadOf(record.id))) !== undefined;
    services.runs.update(record.id, lease.token, { status: 'running', error: null });
    const { data, horizon } = record.request;
    log.emit(begun && record.attempts > 0 ? 'run-resumed' : 'run-started', { data, horizon });
    const state = await invoke(
      workflow,
      { record, lease, log },
      begun ? null : input,
      options.signal,
    );
    log.emit('run-finished', { elapsedMs: state.elapsedMs, out: record.out });
    await services.delivery.writeSummary({
      record,
      state,
      decisions: decisionsOf(services, record.id),
      forecast: await services.forecaster.readTable(state.prediction!.uri),
      panel: await services.panels.get(state.panel!.uri),
    });
    await services.forgetProgress(record.id);
    return services.runs.update(record.id, lease.token, {
      status: 'completed',
      elapsedMs: state.elapsedMs,
    });
  } catch (error) {
    if (!lease.lost()) recordEnd(services, { record, lease, log }, error, options.signal);
    throw error;
  } finally {
    lease.release();
    log.close();
  }
}

interface Session {
  readonly record: RunRecord;
  readonly lease: Lease;
  readonly log: RunLog;
}

async function invoke(
  workflow: Workflow,
  { record, lease, log }: Session,
  input: RunInput | null,
  signal: AbortSignal | undefined,
): Promise<RunState> {
  const { forkOf } = record;
  const work: Promise<unknown>[] = [];
  const context: RunContext = {
    emit: log.emit,
    out: record.out,
    choice: forkOf === null ? null : { decision: forkOf.decision, choose: forkOf.choice },
    follow: (node) => void work.push(node),
  };
  await workflow.graph
    .invoke(input as never, {
      configurable: { thread_id: record.id, lease: { run: record.id, token: lease.token } },
      context: context as never,
      durability: 'sync',
      maxConcurrency: workflow.services.config.maxConcurrency,
      recursionLimit,
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      if (signal?.aborted === true) fail('RUN_CANCELLED', { run: record.id }, { cause: error });
      throw error;
    })
    // An aborted node goes on to its next safe point, where it keeps its progress: until then the run is not left.
    .finally(() => Promise.allSettled(work));
  const end = await positionOf(workflow, record.id);
  assert(
    end?.next.length === 0 && end.state.next === ('finish' satisfies Destination),
    `run ${record.id} has reached the end of its graph`,
  );
  return end.state;
}

function recordEnd(
  services: Services,
  { record, lease, log }: Session,
  error: unknown,
  signal: AbortSignal | undefined,
): void {
  const code = isForecastError(error) ? error.code : 'UNEXPECTED';
  const message = error instanceof Error ? error.message : String(error);
  const stopped = signal?.aborted === true;
  log.emit(stopped ? 'run-stopped' : 'run-failed', { code, message });
  services.runs.update(record.id, lease.token, {
    status: stopped ? 'stopped' : 'failed',
    error: stopped ? null : { code, message },
  });
}

/** The newest checkpoint of a run, undefined before its first. */
export async function positionOf({ graph }: Workflow, run: string): Promise<Position | undefined> {
  const snapshot = await graph.getState(threadOf(run));
  if (snapshot.config.configurable?.['checkpoint_id'] === undefined) return undefined;
  return {
    state: snapshot.values as RunState,
    next: snapshot.next,
    step: snapshot.metadata?.step ?? -1,
  };
}

/** Every decision of a run, in order, from its log; a visit that a crash made twice counts once. */
export function decisionsOf(services: Services, run: string): Decision[] {
  const latest = new Map<string, Decision>();
  for (const line of services.readLog(run)) {
    if (line.event !== 'decision-made') continue;
    const decision = line['decision'] as Decision;
    latest.set(decision.id, decision);
  }
  return [...latest.values()].sort((a, b) => a.step - b.step);
}

/** The checkpoint from which `decision` was made. Error: DECISION_UNKNOWN. */
export async function checkpointBefore(
  { graph, services }: Workflow,
  run: string,
  decision: string,
): Promise<string> {
  for await (const snapshot of graph.getStateHistory(threadOf(run))) {
    const made = (snapshot.values as Partial<RunState>).decision?.id;
    const parent: unknown = snapshot.parentConfig?.configurable?.['checkpoint_id'];
    if (made === decision && typeof parent === 'string') return parent;
  }
  const known = decisionsOf(services, run).map(({ id }) => id);
  return fail('DECISION_UNKNOWN', { run, decision, known });
}

/** Refuses to continue a run of another workflow version. Error: RUN_VERSION_MISMATCH. */
export function checkVersion({ id, graphVersion: recorded }: RunRecord): void {
  if (recorded !== graphVersion) {
    fail('RUN_VERSION_MISMATCH', { run: id, recorded, current: graphVersion });
  }
}

/** Refuses early what the agent would refuse later. Error: CHOICE_UNKNOWN. */
export function checkChoice(decision: Decision, choice: string): void {
  const known =
    decision.agent === 'orchestrator'
      ? [...agentNames.filter((name) => name !== 'orchestrator'), 'finish']
      : [decision.action, ...decision.alternatives.map(({ action }) => action)];
  if (!known.some((action) => matchesChoice(action, choice))) {
    fail('CHOICE_UNKNOWN', { decision: decision.id, choice, known });
  }
}
