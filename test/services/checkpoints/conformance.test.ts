/** LangGraph's own suite for savers, over ours. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../services/database/database.ts';
import { createSqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';

// The suite takes the test functions from the global scope.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });
const { validate, deltaChannelHistoryTests } = await import(
  '@langchain/langgraph-checkpoint-validation'
);

const initializer = {
  checkpointerName: 'agentic-forecast SqliteSaver',
  createCheckpointer: () => createSqliteSaver(openDatabase(':memory:')),
};

validate(initializer);
deltaChannelHistoryTests(initializer);
