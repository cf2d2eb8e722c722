/** Panel codec: a panel as bytes and back, exact to the bit and the same bytes for the same panel. */
import { z } from 'zod';
import { formatFrequency, parseFrequency } from '../../series/frequency.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';

/*
 * Layout: the magic, the length of the header as uint32, the header as JSON, then offsets (uint32), times and values
 * (float64), each beginning at a multiple of eight bytes. Numbers are little-endian.
 */
const magic = Uint8Array.from('AFP1', (character) => character.charCodeAt(0));
const prefixBytes = 8;
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const headerSchema = z.strictObject({
  ids: z.array(z.string()),
  observations: z.int().nonnegative(),
  frequency: z.string(),
});

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Where the arrays lie, for a header of `headerBytes` bytes. */
function placesOf(headerBytes: number, series: number, observations: number) {
  const offsets = aligned(prefixBytes + headerBytes);
  const time = aligned(offsets + 4 * (series + 1));
  const y = time + 8 * observations;
  return { offsets, time, y, end: y + 8 * observations };
}

/** Bytes of `panel`. */
export function encodePanel(panel: Panel): Uint8Array {
  assert(isLittleEndian, 'panels are stored by little-endian machines');
  const { ids, offsets, time, y } = panel;
  const frequency = formatFrequency(panel.frequency);
  const header = new TextEncoder().encode(
    JSON.stringify({ ids, observations: y.length, frequency }),
  );
  const places = placesOf(header.length, ids.length, y.length);
  const bytes = new Uint8Array(places.end);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, header.length, true);
  bytes.set(header, prefixBytes);
  new Uint32Array(bytes.buffer, places.offsets, offsets.length).set(offsets);
  new Float64Array(bytes.buffer, places.time, time.length).set(time);
  new Float64Array(bytes.buffer, places.y, y.length).set(y);
  return bytes;
}

/** The panel that `encodePanel` was given. Nothing in `bytes` is trusted unchecked; fails with PANEL_CORRUPT. */
export function decodePanel(bytes: Uint8Array): Panel {
  const corrupt = (problem: string): never => fail('PANEL_CORRUPT', { problem });
  if (bytes.length < prefixBytes || magic.some((byte, k) => bytes[k] !== byte)) {
    corrupt('it does not begin like one');
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  if (headerBytes > bytes.length - prefixBytes) corrupt('its header is cut off');
  const header =
    readHeader(bytes.subarray(prefixBytes, prefixBytes + headerBytes)) ??
    corrupt('its header is unreadable');
  const { ids, observations } = header;
  const places = placesOf(headerBytes, ids.length, observations);
  if (places.end !== bytes.length) {
    corrupt(`it has ${bytes.length} bytes where its header says ${places.end}`);
  }
  // A copy begins at an address that typed arrays can lie at, whatever `bytes` is a view of.
  const part = (from: number, to: number): ArrayBuffer =>
    bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to) as ArrayBuffer;
  const offsets = new Uint32Array(part(places.offsets, places.offsets + 4 * (ids.length + 1)));
  const time = new Float64Array(part(places.time, places.y));
  const y = new Float64Array(part(places.y, places.end));
  if (offsets[0] !== 0 || offsets[ids.length] !== observations) {
    corrupt('its series do not span its observations');
  }
  for (let i = 0; i < ids.length; i++) {
    if (offsets[i]! > offsets[i + 1]!) corrupt(`series ${i} ends before it begins`);
  }
  for (let i = 0; i < ids.length; i++) {
    for (let k = offsets[i]!; k < offsets[i + 1]!; k++) {
      const isRising = k === offsets[i] || time[k]! > time[k - 1]!;
      if (!Number.isFinite(time[k]!) || !isRising) corrupt(`the times of series ${i} do not rise`);
    }
  }
  return createPanel({ ids, offsets, time, y, frequency: header.frequency });
}

function readHeader(bytes: Uint8Array) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  const { success, data } = headerSchema.safeParse(json);
  if (!success) return undefined;
  // The canonical name only: what encodePanel never writes is damage, not a choice of words.
  const known = /^([1-9]\d{0,5})?(s|min|h|D|B|W|MS|ME|QS|QE|YS|YE|index)$/.test(data.frequency);
  return known ? { ...data, frequency: parseFrequency(data.frequency) } : undefined;
}
