/** A decision: what an agent chose, why, on which evidence, and what it rejected. */
import { z } from 'zod';

/** The orchestrator and its specialists, in the order of a first run. */
export const agentNames = [
  'orchestrator',
  'feature-engineer',
  'model-selection',
  'drift-monitor',
  'hyperparameter-search',
  'training',
  'evaluation',
  'forecast',
  'export',
] as const;
export const agentNameSchema = z.enum(agentNames);
export type AgentName = z.infer<typeof agentNameSchema>;
export type SpecialistName = Exclude<AgentName, 'orchestrator'>;

/** Evidence is flat and readable: names to numbers, words or short lists of them. */
export const evidenceSchema = z.record(
  z.string(),
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.union([z.string(), z.number()])),
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  ]),
);
export type Evidence = z.infer<typeof evidenceSchema>;

export const alternativeSchema = z.object({
  action: z.string().min(1).describe('What could have been done instead'),
  whyNot: z.string().min(1).describe('Why it was not'),
});
export type Alternative = z.infer<typeof alternativeSchema>;

export const decisionSchema = z.object({
  id: z.string().describe('Unique in its run: the step and the agent, for example 6-training'),
  runId: z.string(),
  step: z.int().nonnegative().describe('Superstep of the workflow graph'),
  agent: agentNameSchema,
  action: z.string().min(1),
  reason: z.string().min(1),
  evidence: evidenceSchema,
  alternatives: z.array(alternativeSchema),
  policy: z
    .enum(['rules', 'model', 'person'])
    .describe('Who decided: rules, a language model, or a person who forked the run'),
  at: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** What an agent hands to its wrapper, which adds identity, time and step. */
export type DecisionDraft = Pick<Decision, 'action' | 'reason' | 'evidence' | 'alternatives'>;
