/** What an agent is: one decision maker that reads some channels, writes some, and ends in a decision. */
import type { DecisionDraft, SpecialistName } from '../state/decision.ts';
import type { Emit } from '../state/events.ts';
import type { ChannelName, RunState } from '../state/run-state.ts';
import type { Services } from '../services/index.ts';

/** Where and how an agent is being run. */
export interface AgentContext {
  readonly run: string;
  /** How often this agent has been asked in this run, from 1. */
  readonly visit: number;
  /** Same for every replay of one visit: publishing under it cannot happen twice. */
  readonly idempotencyKey: string;
  /** Aborted when a person stops the run. */
  readonly signal: AbortSignal;
  /** Milliseconds left of the run's time limit, Infinity without one. */
  remainingMs(): number;
  readonly emit: Emit;
  /** Folder that receives what the run delivers. */
  readonly out: string;
  /** The action that a person chose when forking the run at this decision. */
  readonly choice: string | null;
}

/** What a visit hands back: the channels that it writes, and why. */
export interface AgentResult<W extends ChannelName> {
  readonly update: Pick<RunState, W>;
  readonly decision: DecisionDraft;
}

/** A decision maker: its name, its channels, its work. */
export interface Agent<R extends ChannelName = ChannelName, W extends ChannelName = ChannelName> {
  readonly name: SpecialistName;
  /** What it decides, in one line; shown with the graph. */
  readonly decides: string;
  readonly reads: readonly R[];
  readonly writes: readonly W[];
  run(state: Pick<RunState, R>, services: Services, context: AgentContext): Promise<AgentResult<W>>;
}

/**
 * Types an agent: it may touch only the channels that it declares. The graph hands it just these and checks what comes back,
 * so its particular channels need not be known to whoever lists agents.
 */
export function defineAgent<R extends ChannelName, W extends ChannelName>(
  agent: Agent<R, W>,
): Agent {
  return agent as unknown as Agent;
}
