import { it } from 'vitest';
import { openEngine } from '../../app/index.ts';
it('x', async () => {
  const engine = await openEngine({ dataDir: '/tmp/zz-data-' + Math.random() });
  const req = { data: '/tmp/zz.csv', horizon: 4, models: 'tide,seasonal-naive', trials: 1, future: 'price', timeLimit: 12 };
  const r1 = await engine.run(req);
  const r2 = await engine.run(req);
  console.log(r2.elapsedMs, r2.scores.filter((s) => s.kind === 'test').map((s) => [s.model, s.mase]), r2.columns);
  console.log(engine.decisions(r2.id).map((d) => [d.agent, d.action]));
  try { console.log(await engine.run({ ...req, future: undefined as never }).then((r) => engine.decisions(r.id).map((d) => [d.agent, d.action]))); } catch (e) { console.log(String(e)); }
  const f = await engine.fork(r1.id, { at: '2-feature-engineer', choose: 'treat target plain without calendar' });
  console.log(f.columns, engine.decisions(f.id).filter((d) => d.agent === 'feature-engineer'));
  await engine.close();
}, 100000);
