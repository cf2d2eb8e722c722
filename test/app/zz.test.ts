import { it } from 'vitest';
import { openEngine } from '../../app/index.ts';
it.each(['tide', 'nhits'])('%s', async (m) => {
  const engine = await openEngine({ dataDir: '/tmp/zz-data-' + Math.random() });
  try { const r = await engine.run({ data: '/tmp/zz.csv', horizon: 4, models: m+',seasonal-naive', trials: 1, future: 'price', timeLimit: 15 }); console.log(r.elapsedMs, r.scores.map((s) => [s.model, s.kind, s.mase]), r.columns, r.preview[0]!.forecast); for (const d of engine.decisions(r.id)) if (d.agent==='training') console.log(d.evidence); } catch (e) { console.log((e as Error).stack); }
  await engine.close();
}, 100000);
