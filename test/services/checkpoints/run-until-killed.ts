/** Runs, or resumes, a graph of 40 rounds with a fan-out in each, telling every step; somebody kills it on the way. */
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { createSqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { openDatabase } from '../../../services/database/database.ts';

const database = openDatabase(process.argv[2]!);
const saver = createSqliteSaver(database);
const state = Annotation.Root({
  n: Annotation<number>,
  sum: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
  payload: Annotation<number[]>,
});
const graph = new StateGraph(state)
  .addNode('step', ({ n }) => {
    process.stdout.write(`${n + 1}\n`);
    return { n: n + 1, payload: Array.from({ length: 2000 }, (_, i) => Math.sin(i + n)) };
  })
  .addNode('branch', ({ item }: { item: number }) => ({ sum: item }))
  .addNode('join', () => ({}))
  .addEdge(START, 'step')
  .addConditionalEdges('step', ({ n }) => [1, 2, 3].map((i) => new Send('branch', { item: n * i })))
  .addEdge('branch', 'join')
  .addConditionalEdges('join', ({ n }) => (n < 40 ? 'step' : END))
  .compile({ checkpointer: saver });

const config = {
  configurable: { thread_id: 't' },
  durability: 'sync' as const,
  recursionLimit: 1000,
};
const begun = await saver.getTuple({ configurable: { thread_id: 't' } });
await graph.invoke(begun ? null : { n: 0 }, config);
database.close();
