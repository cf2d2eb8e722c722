/** Drift monitor: does the champion in production still describe the data? */
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';

export const driftMonitor = defineAgent({
  name: 'drift-monitor',
  decides: 'whether the champion still describes the data',
  reads: ['panel', 'champion'],
  writes: ['drift'],
  async run({ panel: summary, champion }, services, context) {
    const panel = await services.panels.get(summary!.uri);
    const version = `${champion!.version.model}@${champion!.version.version}`;
    const report = await compareWithChampion();
    context.emit('drift-measured', {
      champion: version,
      drifted: report.drifted,
      measures: report.measures,
    });
    const keep: Option<boolean> = {
      action: `keep ${version}`,
      value: false,
      whyNot: `the data has drifted: ${report.reason}`,
    };
    const retrain: Option<boolean> = {
      action: `retrain instead of ${version}`,
      value: true,
      whyNot: `no measure passes its threshold: ${report.reason}`,
    };
    const { chosen, alternatives } = select(
      'drift-monitor',
      report.drifted ? [retrain, keep] : [keep, retrain],
      context.choice,
    );
    return {
      update: {
        drift: { drifted: chosen.value, reason: report.reason, measures: report.measures },
      },
      decision: {
        action: chosen.action,
        reason: report.reason,
        evidence: { champion: version, ...report.measures },
        alternatives,
      },
    };

    async function compareWithChampion() {
      if (champion!.profile === null) {
        return {
          drifted: true,
          reason: 'the champion has no profile to compare with',
          measures: {},
        };
      }
      if (champion!.panel === summary!.uri) {
        return {
          drifted: false,
          reason: 'the data is the very data it was trained on',
          measures: {},
        };
      }
      const profile = services.drift.parseProfile(await services.artifacts.get(champion!.profile));
      const { drifted, reason, measures } = services.drift.compare(profile, panel);
      return {
        // Nothing to compare means other series than those that the champion was trained on.
        drifted: drifted || measures.length === 0,
        reason,
        measures: Object.fromEntries(
          measures.map((measure) => [`${measure.name} ${measure.on}`, measure.statistic]),
        ),
      };
    }
  },
});
