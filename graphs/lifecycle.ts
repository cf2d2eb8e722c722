/** The life of runs: recorded before the first node, resumed or forked from checkpoints. */
import { resolve } from 'node:path';
import type { Services } from '../services/index.ts';
import type { RunRecord } from '../services/runs/runs.ts';
import type { Decision } from '../state/decision.ts';
import { fail } from '../state/errors.ts';
import type { RunRequest } from '../state/request.ts';
import {
  checkChoice,
  checkpointBefore,
  checkVersion,
  createWorkflow,
  decisionsOf,
  drive,
  positionOf,
  type Position,
  type RunOptions,
  type Workflow,
} from './drive.ts';
import { graphVersion } from './forecasting.ts';

/** Everything that can happen to a run. */
export interface Lifecycle {
  /** Records the run and its input, then works on it until it ends. */
  start(request: RunRequest, options?: RunOptions): Promise<RunRecord>;
  /** Continues from the last checkpoint; a completed run is left alone. Errors: RUN_UNKNOWN, RUN_OWNED, RUN_VERSION_MISMATCH. */
  resume(run: string, options?: RunOptions): Promise<RunRecord>;
  /** A new run from the checkpoint before decision `at`, which then takes `choose`. Errors: DECISION_UNKNOWN, CHOICE_UNKNOWN, OPTION_INVALID for `out`. */
  fork(run: string, choice: ForkChoice, options?: RunOptions): Promise<RunRecord>;
  /** Where the run stands, undefined before its first checkpoint. */
  positionOf(run: string): Promise<Position | undefined>;
  decisionsOf(run: string): Decision[];
}

/** A decision (its id, or its step) and the action to take there instead. */
export interface ForkChoice {
  readonly at: string;
  readonly choose: string;
  /** Folder to deliver to, which must not be that of a run it comes from; one of its own if left out. */
  readonly out?: string | undefined;
}

/** The lifecycle over the services; all invocations of the graph go through it. */
export function createLifecycle(services: Services): Lifecycle {
  const workflow = createWorkflow(services);
  return {
    start: (request, options = {}) => start(workflow, request, options),
    resume: (run, options = {}) => resume(workflow, run, options),
    fork: (run, choice, options = {}) => fork(workflow, run, choice, options),
    positionOf: (run) => positionOf(workflow, run),
    decisionsOf: (run) => decisionsOf(services, run),
  };
}

async function start(
  workflow: Workflow,
  request: RunRequest,
  options: RunOptions,
): Promise<RunRecord> {
  const { services } = workflow;
  const began = services.clock();
  if (request.out !== undefined) await services.delivery.prepare(resolve(request.out));
  const panel = await services.panels.ingest(request);
  const id = services.newRunId();
  const record = services.runs.create({
    id,
    request,
    panel,
    graphVersion,
    forkOf: null,
    out: resolve(request.out ?? services.defaultOut(id)),
  });
  return drive(workflow, record, { request, panel, elapsedMs: services.clock() - began }, options);
}

async function resume(workflow: Workflow, run: string, options: RunOptions): Promise<RunRecord> {
  const record = workflow.services.runs.get(run);
  if (record.status === 'completed') return record;
  checkVersion(record);
  return drive(workflow, record, { request: record.request, panel: record.panel }, options);
}

async function fork(
  workflow: Workflow,
  run: string,
  { at, choose, out }: ForkChoice,
  options: RunOptions,
): Promise<RunRecord> {
  const { services } = workflow;
  const source = services.runs.get(run);
  checkVersion(source);
  const inherited = decisionsOf(services, run);
  const decision = inherited.find(({ id, step }) => id === at || String(step) === at);
  if (decision === undefined) {
    fail('DECISION_UNKNOWN', { run, decision: at, known: inherited.map(({ id }) => id) });
  }
  checkChoice(decision, choose);
  if (out !== undefined) {
    keepApart(services, source, out);
    await services.delivery.prepare(resolve(out));
  }
  const before = await checkpointBefore(workflow, run, decision.id);
  const id = services.newRunId();
  services.checkpoints.copyThread(run, before, id);
  const record = services.runs.create({
    id,
    request: source.request,
    panel: source.panel,
    graphVersion,
    forkOf: { run, decision: decision.id, choice: choose },
    out: resolve(out ?? services.defaultOut(id)),
  });
  const log = services.openLog(id, options.onEvent);
  log.emit('run-forked', { from: run, at: decision.id, choose });
  for (const earlier of inherited) {
    if (earlier.step < decision.step) {
      log.emit('decision-made', { decision: earlier, inherited: true });
    }
  }
  log.close();
  return drive(workflow, record, null, options);
}

/** A fork must not write over what it is to be compared with. */
function keepApart({ runs }: Services, parent: RunRecord, out: string): void {
  for (let run: RunRecord | null = parent; run !== null; ) {
    if (resolve(out) === run.out) {
      fail('OPTION_INVALID', {
        key: '--out',
        problem: `run ${run.id}, which the fork comes from, was written there; name another folder.`,
      });
    }
    run = run.forkOf === null ? null : runs.get(run.forkOf.run);
  }
}
