/** Names that columns usually have, by what they are to the series; the most usual first. */
import type { SourceColumn } from './source.ts';

/** What tells the series apart: ids first, then places, then kinds. */
export const idNames = [
  'unique_id',
  'uniqueid',
  'id',
  'series_id',
  'seriesid',
  'series',
  'series_name',
  'ts_id',
  'item_id',
  'itemid',
  'item',
  'symbol',
  'ticker',
  'sku',
  'sku_id',
  'product_id',
  'product',
  'store_id',
  'store',
  'shop_id',
  'shop',
  'station_id',
  'station',
  'sensor_id',
  'sensor',
  'meter_id',
  'meter',
  'customer_id',
  'device_id',
  'device',
  'location_id',
  'location',
  'region',
  'country',
  'state',
  'city',
  'category',
  'department',
  'dept',
  'family',
  'brand',
  'channel',
  'key',
  'name',
];
/** From here on a name may also be that of a value's place, and no series. */
export const firstPlaceName = idNames.indexOf('location_id');
/** Times. */
export const timeNames = [
  'ds',
  'timestamp',
  'ts',
  'datetime',
  'date_time',
  'date',
  'time',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'period',
  'index',
  'step',
  't',
  'epoch',
  'unix_time',
  'unix_timestamp',
];
/** Values. */
export const targetNames = [
  'y',
  'target',
  'value',
  'values',
  'sales',
  'demand',
  'observation',
  'actual',
  'close',
  'adj_close',
];
/** Of a file without ids every numeric column is a series, unless one of these says that it is the series. */
export const onlyTargetNames = ['y', 'target', 'value'];
/** Units of a time that is spread over several columns. */
export const timeUnits = {
  year: ['year', 'yr', 'yyyy', 'yy'],
  quarter: ['quarter', 'qtr'],
  month: ['month', 'month_of_year'],
  week: ['week', 'week_of_year', 'weekofyear', 'isoweek', 'iso_week'],
  day: ['day', 'day_of_month', 'dayofmonth', 'dd'],
  hour: ['hour', 'hr', 'hh', 'hour_of_day', 'hour_ending', 'hour_ended'],
  minute: ['minute'],
} satisfies Record<string, readonly string[]>;
/** Parts of a date, or all of it as one number, which are numbers but no series. */
export const calendarParts: readonly string[] = [
  ...Object.values(timeUnits).flat(),
  'decimal',
  'decimal_date',
  'decimal_year',
  'date_fraction',
  'year_fraction',
  'weekday',
  'dayofweek',
  'day_of_week',
  'dayofyear',
];

/** A column's name as it stands in these lists. */
export const wordOf = (name: string): string => name.trim().toLowerCase().replaceAll(' ', '_');

/** Place of a column's name in a list of usual names, the length of the list if it is none of them. */
export function rank(column: SourceColumn, names: readonly string[]): number {
  const at = names.indexOf(wordOf(column.name));
  return at < 0 ? names.length : at;
}

/** Those of `columns` with a usual name, the most usual first. */
export function usual(columns: readonly SourceColumn[], names: readonly string[]): SourceColumn[] {
  return columns
    .filter((column) => rank(column, names) < names.length)
    .sort((a, b) => rank(a, names) - rank(b, names));
}
