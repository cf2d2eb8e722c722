/** The forecasting workflow as a LangGraph graph: intake, the orchestrator, and the specialists around it. Wiring and routing only. */
import {
  END,
  ReducedValue,
  START,
  StateGraph,
  StateSchema,
  type Runtime,
} from '@langchain/langgraph';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import type { Agent, AgentContext } from '../agents/agent.ts';
import { specialists } from '../agents/index.ts';
import { route } from '../agents/orchestrator.ts';
import type { Services } from '../services/index.ts';
import type { AgentName, Decision, DecisionDraft } from '../state/decision.ts';
import { assert } from '../state/errors.ts';
import type { Emit } from '../state/events.ts';
import { channelNames, channels, type Channel, type RunState } from '../state/run-state.ts';
import { intake } from './intake.ts';

/**
 * Version of the workflow's shape and meaning. A run is pinned to it: change it whenever a node, a channel or a rule
 * changes so that a run begun before could not be continued faithfully.
 */
export const graphVersion = '3';

/** What a run brings along besides its state; never checkpointed. */
export interface RunContext {
  readonly emit: Emit;
  /** Folder that receives what the run delivers. */
  readonly out: string;
  /** A person's choice at one decision, for a fork. */
  readonly choice: { readonly decision: string; readonly choose: string } | null;
  /** Told of the work of every node, because LangGraph does not wait for a node that it aborts. */
  readonly follow: (work: Promise<unknown>) => void;
}

type Update = Partial<RunState>;
type NodeRuntime = Runtime<RunContext> & { signal?: AbortSignal };
type Node = (state: RunState, runtime: NodeRuntime) => Promise<Update>;

const toField = (channel: Channel) =>
  channel.reduce === undefined
    ? channel.schema
    : new ReducedValue(channel.schema, { inputSchema: channel.schema, reducer: channel.reduce });

/** The state schema that LangGraph runs on, made from the table of channels. */
export const stateSchema = new StateSchema(
  Object.fromEntries(channelNames.map((name) => [name, toField(channels[name] as Channel)])),
);

const silent: Emit = () => undefined;

/** Everything that a node is told about the visit that it makes. */
function visitOf(agent: AgentName, state: RunState, runtime: NodeRuntime, services: Services) {
  const startedAt = services.clock();
  const step = Object.values(state.visits).reduce((sum, count) => sum + count, 0) + 1;
  const id = `${step}-${agent}`;
  const run = runtime.executionInfo?.threadId ?? 'unnamed';
  const forced = runtime.context?.choice;
  const limitMs = (state.request.timeLimit ?? Infinity) * 1000;
  const context: AgentContext & { step: number; id: string } = {
    run,
    step,
    id,
    visit: (state.visits[agent] ?? 0) + 1,
    idempotencyKey: `${run}/${id}`,
    signal: runtime.signal ?? new AbortController().signal,
    remainingMs: () => limitMs - state.elapsedMs - (services.clock() - startedAt),
    emit: runtime.context?.emit ?? silent,
    out: runtime.context?.out ?? services.defaultOut(run),
    choice: forced?.decision === id ? forced.choose : null,
  };
  const decide = (draft: DecisionDraft): Decision => ({
    id,
    runId: run,
    step,
    agent,
    ...draft,
    ...(context.choice === null
      ? { policy: 'rules' as const }
      : { policy: 'person' as const, reason: `a person chose this in a fork; ${draft.reason}` }),
    at: new Date(services.clock()).toISOString(),
    durationMs: services.clock() - startedAt,
  });
  return { context, decide, elapsed: () => services.clock() - startedAt };
}

/** Wraps a specialist: hands it its channels only, checks what it writes, records its decision. */
function specialistNode(agent: Agent, services: Services): Node {
  return async (state, runtime) => {
    const { context, decide, elapsed } = visitOf(agent.name, state, runtime, services);
    context.signal.throwIfAborted();
    context.emit('agent-started', { agent: agent.name, visit: context.visit, step: context.step });
    const readable = Object.fromEntries(agent.reads.map((name) => [name, state[name]]));
    const { update, decision: draft } = await agent.run(readable as RunState, services, context);
    const written = Object.keys(update).sort().join();
    assert(
      written === [...agent.writes].sort().join(),
      `${agent.name} wrote ${written}, declared ${agent.writes.join()}`,
    );
    const decision = decide(draft);
    context.emit('decision-made', { decision });
    context.emit('agent-finished', {
      agent: agent.name,
      step: context.step,
      durationMs: elapsed(),
    });
    return { ...update, decision, visits: { [agent.name]: 1 }, elapsedMs: elapsed() };
  };
}

function orchestratorNode(services: Services) {
  return (state: RunState, runtime: NodeRuntime): Update => {
    const { context, decide, elapsed } = visitOf('orchestrator', state, runtime, services);
    context.signal.throwIfAborted();
    const { next, draft } = route(state, context.id, context.choice);
    const decision = decide(draft);
    context.emit('decision-made', { decision });
    return { next, decision, visits: { orchestrator: 1 }, elapsedMs: elapsed() };
  };
}

/** The node, whose work whoever drives the run is told of. */
function followed(node: Node): Node {
  return (state, runtime) => {
    const work = node(state, runtime);
    runtime.context?.follow(work);
    return work;
  };
}

/**
 * The compiled workflow, without a checkpointer: the caller gives one at the edge.
 * Nodes are units of replay; everything that they publish carries the visit's idempotency key.
 */
export function createForecastingGraph(services: Services, checkpointer?: BaseCheckpointSaver) {
  const builder = new StateGraph(stateSchema) as unknown as StateGraph<
    RunState,
    RunState,
    Update,
    string
  >;
  builder.addNode('intake', followed(intake(services)) as never);
  builder.addNode('orchestrator', orchestratorNode(services) as never);
  builder.addEdge(START, 'intake');
  builder.addEdge('intake', 'orchestrator');
  const destinations: Record<string, string> = { finish: END };
  for (const agent of specialists) {
    builder.addNode(agent.name, followed(specialistNode(agent, services)) as never);
    builder.addEdge(agent.name, 'orchestrator');
    destinations[agent.name] = agent.name;
  }
  builder.addConditionalEdges(
    'orchestrator',
    (state: RunState) => state.next,
    destinations as never,
  );
  const graph = builder.compile(checkpointer === undefined ? {} : { checkpointer });
  graph.name = 'forecasting';
  return graph;
}
