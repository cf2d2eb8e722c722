/** Timestamps as text: what tables, reports and terminals show. */
import type { Frequency } from './frequency.ts';

const dated = new Set(['day', 'business-day', 'week', 'month', 'quarter', 'year']);

/** `2024-01-31` for daily and coarser series, `2024-01-31 13:00:00` for finer ones (UTC), the position for an index. */
export function formatTime(timeMs: number, { unit }: Frequency): string {
  if (unit === 'index') return String(timeMs);
  const text = new Date(timeMs).toISOString();
  return dated.has(unit) ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
}
