/** Panel codec: a panel as one artifact and back, exact to the bit and the same bytes for the same panel. */
import { z } from 'zod';
import { formatFrequency, parseFrequency } from '../../series/frequency.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';

const metaSchema = z.object({ ids: z.array(z.string()), frequency: z.string() });

/** Bytes of `panel`: names and frequency in the header, then offsets, timestamps and values. */
export function encodePanel(panel: Panel): Uint8Array {
  return encodeArrays(
    { ids: panel.ids, frequency: formatFrequency(panel.frequency) },
    { offsets: Float64Array.from(panel.offsets), time: panel.time, y: panel.y },
  );
}

/** The panel that `encodePanel` was given. */
export function decodePanel(bytes: Uint8Array): Panel {
  const { meta, columns } = decodeArrays(bytes);
  const { ids, frequency } = metaSchema.parse(meta);
  return createPanel({
    ids,
    frequency: parseFrequency(frequency),
    offsets: Uint32Array.from(columns['offsets']!),
    time: columns['time']!,
    y: columns['y']!,
  });
}
