/** Baseline: a first forecast of every series within moments of the data being read, so that a run is never without one. */
import { naiveModels } from '../../models/naive/index.ts';
import { formatTime } from '../../series/format-time.ts';
import { futureTimes } from '../../series/frequency.ts';
import { seriesTimes, seriesValues, type Panel } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';

/** The forecast that needs no training. */
export interface Baseline {
  /** Emits seasonal-naive forecasts of the first few series as `baseline-forecast-ready`. */
  announce(panel: Panel, horizon: number, season: number, emit: Emit): void;
}

const shown = 3;
const tail = 36;

/** Needs nothing: the seasonal-naive forecast is the series' own past. */
export function createBaseline(): Baseline {
  const model = naiveModels.find(({ name }) => name === 'seasonal-naive');
  assert(model !== undefined, 'seasonal-naive is in the list of models');
  return {
    announce(panel, horizon, season, emit) {
      const preview = panel.ids.slice(0, shown).map((id, i) => {
        const history = seriesValues(panel, i);
        const last = seriesTimes(panel, i).at(-1) ?? 0;
        return {
          id,
          model: model.name,
          history: [...history.subarray(-tail)],
          times: [...futureTimes(last, panel.frequency, horizon)].map((time) =>
            formatTime(time, panel.frequency),
          ),
          forecast: [...model.fit(history, { horizon, season }, {}).mean],
        };
      });
      emit('baseline-forecast-ready', { series: panel.ids.length, preview });
    },
  };
}
