/**
 * Whether a day is usual: how it lies to the same weekday of the eight weeks before it.
 *
 * With m the median of these days, MAD the median of their distances from m, and c what chance alone does to such a number,
 * usual is m ± max(k × 1.4826 × MAD, 2.5 × c). 1.4826 makes of a MAD what a standard deviation would be if the days were
 * normally distributed. k is 3.4 with all eight weeks and 4.2 with fewer: so few days know their deviation only roughly, and with
 * these one day in twenty that is like the others falls outside (one in ten with four or five weeks). Unlike the mean, the
 * median is not moved by one odd day. c is √m of a count (Poisson), √(p(100−p)/n) of a rate p of n sessions, and m/√n of a mean
 * (as if it were exponentially distributed).
 */

import { info, type Metric } from './metrics'
import { plusDays } from './period'

export const WEEKS = 8
/** Fewer weeks than this say nothing. */
export const LEAST = 4
const CHANCE = 2.5

export interface Day {
  value: number | null
  sessions: number
}

/** Numbers by date. */
export type History = ReadonlyMap<string, Day>

export interface Range {
  low: number
  high: number
  /** How many days it is made of. */
  weeks: number
}

/** The usual range of a metric, of the same weekday of earlier weeks; null where there are too few. */
export function usualRange(metric: Metric, earlier: readonly Day[]): Range | null {
  const days = earlier.filter((day): day is Day & { value: number } => day.value !== null)
  if (days.length < LEAST) return null
  const values = days.map((day) => day.value)
  const middle = median(values)
  const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)))
  const sessions = Math.max(1, median(days.map((day) => day.sessions)))
  const { kind } = info(metric)
  const chance =
    kind === 'count'
      ? Math.sqrt(Math.max(1, middle))
      : kind === 'rate'
        ? Math.sqrt((Math.max(1, middle) * Math.max(1, 100 - middle)) / sessions)
        : middle / Math.sqrt(sessions)
  const spread = Math.max((days.length === WEEKS ? 3.4 : 4.2) * deviation, CHANCE * chance)
  const low = Math.max(0, middle - spread)
  const high = kind === 'rate' ? Math.min(100, middle + spread) : middle + spread
  return kind === 'count'
    ? { low: Math.floor(low), high: Math.ceil(high), weeks: days.length }
    : { low, high, weeks: days.length }
}

/** The usual range of a day; days before the first with any session are no weeks of the site. */
export function rangeOf(metric: Metric, date: string, history: History): Range | null {
  const began = firstDay(history)
  if (!began) return null
  const earlier: Day[] = []
  for (let week = 1; week <= WEEKS; week++) {
    const before = plusDays(date, -7 * week)
    const day = history.get(before)
    if (day && before >= began) earlier.push(day)
  }
  return usualRange(metric, earlier)
}

/** -1 below, 0 within, 1 above what is usual. */
export function side(value: number, range: Range): -1 | 0 | 1 {
  return value < range.low ? -1 : value > range.high ? 1 : 0
}

function firstDay(history: History): string | null {
  let first: string | null = null
  for (const [date, day] of history) if (day.sessions > 0 && (first === null || date < first)) first = date
  return first
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
