/** The commands of the program, in the order of its help. A new command is one file here and one line below. */
import type { Command } from '../command.ts';
import { backtest } from './backtest.ts';
import { classify } from './classify.ts';
import { decisions } from './decisions.ts';
import { explain } from './explain.ts';
import { fork } from './fork.ts';
import { graph } from './graph.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { show } from './show.ts';

/** All commands; parser, help and tests follow from this list. */
export const commands: readonly Command[] = [
  run,
  resume,
  runs,
  show,
  explain,
  decisions,
  backtest,
  classify,
  graph,
  fork,
];
