/** Panel codec: a panel as bytes and back, exact to the bit and the same bytes for the same panel. */
import { z } from 'zod';
import { formatFrequency, parseFrequency } from '../../series/frequency.ts';
import { emptyExogenous, exogenousNames } from '../../series/exogenous.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';

/*
 * Layout: the magic, the length of the header as uint32, the header as JSON, then offsets (uint32), times and values
 * (float64), then the exogenous columns that the header names, in its order: of future columns the observed values and
 * those ahead (float64), historical and static values (float64), codes (uint32). Each array begins at a multiple of eight
 * bytes. Numbers are little-endian.
 */
const magic = Uint8Array.from('AFP1', (character) => character.charCodeAt(0));
const prefixBytes = 8;
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const names = z.array(z.string());
const headerSchema = z.strictObject({
  ids: names,
  observations: z.int().nonnegative(),
  frequency: z.string(),
  exogenous: z
    .strictObject({
      stepsAhead: z.int().nonnegative(),
      future: names,
      historical: names,
      static: names,
      categories: z.array(z.strictObject({ name: z.string(), labels: names })),
    })
    .optional(),
});
type Header = z.infer<typeof headerSchema>;

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

type Numbers = Uint32Array | Float64Array;

/** Type and length of an array. */
interface Section {
  readonly type: typeof Uint32Array | typeof Float64Array;
  readonly length: number;
}

/** The arrays that follow a header, in order. */
function sectionsOf({ ids, observations, exogenous }: Header): Section[] {
  const float = (length: number): Section => ({ type: Float64Array, length });
  const series = ids.length;
  const sections = [
    { type: Uint32Array, length: series + 1 },
    float(observations),
    float(observations),
  ];
  if (!exogenous) return sections;
  const { stepsAhead, future, historical, static: fixed, categories } = exogenous;
  return [
    ...sections,
    ...future.flatMap(() => [float(observations), float(series * stepsAhead)]),
    ...historical.map(() => float(observations)),
    ...fixed.map(() => float(series)),
    ...categories.map(() => ({ type: Uint32Array, length: series })),
  ];
}

/** Where each section begins behind a header of `headerBytes` bytes, and where the last one ends. */
function placesOf(headerBytes: number, sections: readonly Section[]): number[] {
  const places = [aligned(prefixBytes + headerBytes)];
  for (const { type, length } of sections) {
    places.push(places.at(-1)! + aligned(type.BYTES_PER_ELEMENT * length));
  }
  return places;
}

/** Bytes of `panel`. */
export function encodePanel(panel: Panel): Uint8Array {
  assert(isLittleEndian, 'panels are stored by little-endian machines');
  const header = headerOf(panel);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const places = placesOf(text.length, sectionsOf(header));
  const bytes = new Uint8Array(places.at(-1)!);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, text.length, true);
  bytes.set(text, prefixBytes);
  for (const [k, { buffer, byteOffset, byteLength }] of arraysOf(panel).entries()) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), places[k]);
  }
  return bytes;
}

function headerOf({ ids, y, frequency, exogenous }: Panel): Header {
  const namesOf = (columns: readonly { readonly name: string }[]): string[] =>
    columns.map(({ name }) => name);
  return {
    ids: [...ids],
    observations: y.length,
    frequency: formatFrequency(frequency),
    ...(exogenous && {
      exogenous: {
        stepsAhead: exogenous.stepsAhead,
        future: namesOf(exogenous.future),
        historical: namesOf(exogenous.historical),
        static: namesOf(exogenous.static),
        categories: exogenous.categories.map(({ name, labels }) => ({ name, labels: [...labels] })),
      },
    }),
  };
}

/** The arrays of a panel, as `sectionsOf` lists them. */
function arraysOf({ offsets, time, y, exogenous = emptyExogenous }: Panel): Numbers[] {
  return [
    offsets,
    time,
    y,
    ...exogenous.future.flatMap(({ values, ahead }) => [values, ahead]),
    ...exogenous.historical.map(({ values }) => values),
    ...exogenous.static.map(({ values }) => values),
    ...exogenous.categories.map(({ codes }) => codes),
  ];
}

const corrupt = (problem: string): never => fail('PANEL_CORRUPT', { problem });

/** The panel that `encodePanel` was given. Nothing in `bytes` is trusted unchecked; fails with PANEL_CORRUPT. */
export function decodePanel(bytes: Uint8Array): Panel {
  if (bytes.length < prefixBytes || magic.some((byte, k) => bytes[k] !== byte)) {
    corrupt('it does not begin like one');
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  if (headerBytes > bytes.length - prefixBytes) corrupt('its header is cut off');
  const header =
    readHeader(bytes.subarray(prefixBytes, prefixBytes + headerBytes)) ??
    corrupt('its header is unreadable');
  const sections = sectionsOf(header);
  const places = placesOf(headerBytes, sections);
  if (places.at(-1) !== bytes.length) {
    corrupt(`it has ${bytes.length} bytes where its header says ${places.at(-1)}`);
  }
  // A copy begins at an address that typed arrays can lie at, whatever `bytes` is a view of.
  const arrays = sections.map(({ type, length }, k): Numbers => {
    const from = bytes.byteOffset + places[k]!;
    return new type(
      bytes.buffer.slice(from, from + type.BYTES_PER_ELEMENT * length) as ArrayBuffer,
    );
  });
  const panel = panelOf(header, arrays);
  checkSeries(panel);
  return createPanel(panel);
}

/** Puts names and arrays together, in the order of `sectionsOf`. */
function panelOf(header: Header, arrays: readonly Numbers[]): Panel {
  const rest = arrays[Symbol.iterator]();
  const floats = (): Float64Array => rest.next().value as Float64Array;
  const integers = (): Uint32Array => rest.next().value as Uint32Array;
  const { ids, exogenous } = header;
  const base = {
    ids,
    frequency: parseFrequency(header.frequency),
    offsets: integers(),
    time: floats(),
    y: floats(),
  };
  if (!exogenous) return base;
  return {
    ...base,
    exogenous: {
      stepsAhead: exogenous.stepsAhead,
      future: exogenous.future.map((name) => ({ name, values: floats(), ahead: floats() })),
      historical: exogenous.historical.map((name) => ({ name, values: floats() })),
      static: exogenous.static.map((name) => ({ name, values: floats() })),
      categories: exogenous.categories.map((column) => ({ ...column, codes: integers() })),
    },
  };
}

function checkSeries({ ids, offsets, time, exogenous = emptyExogenous }: Panel): void {
  if (offsets[0] !== 0 || offsets[ids.length] !== time.length) {
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
  const named = exogenousNames(exogenous);
  if (new Set(named).size < named.length) corrupt('two of its columns have one name');
  for (const { name, labels, codes } of exogenous.categories) {
    if (codes.some((code) => code > labels.length)) corrupt(`column ${name} has unknown codes`);
  }
}

function readHeader(bytes: Uint8Array): Header | undefined {
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
  return known ? data : undefined;
}
