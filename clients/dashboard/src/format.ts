/** Numbers and changes as the reader's locale writes them; words among them, as months and units are, in the language of the page, which is English. */

import type { Kind } from './metrics'
import type { Interval } from './period'

const memo = <T>(make: (options: object) => T) => {
  const made = new Map<string, T>()
  return (options: object): T => {
    const key = JSON.stringify(options)
    let found = made.get(key)
    if (!found) made.set(key, (found = make(options)))
    return found
  }
}
const numbers = memo((options) => new Intl.NumberFormat(undefined, options))
// An English reader's own way of writing dates, else the one with the day before the month; of the clock and of digits the reader's own.
const { locale, hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions()
const isEnglish = locale.startsWith('en')
const { numberingSystem } = new Intl.NumberFormat().resolvedOptions()
/** Numbers with a word: a unit, or thousands of thousands. */
const worded = memo((options) => new Intl.NumberFormat(isEnglish ? locale : 'en', { numberingSystem, ...options }))
const dates = memo((options) => new Intl.DateTimeFormat(isEnglish ? locale : 'en-GB', { timeZone: 'UTC', ...('hour' in options && hourCycle && { hourCycle }), ...options }))

/** A whole number with the locale's grouping. */
export function count(value: number): string {
  return numbers({}).format(value)
}

/** A number and what is counted: `1 pageview`, `2 pageviews`. */
export function counted(number: number, one: string): string {
  return `${count(number)} ${number === 1 ? one : `${one}s`}`
}

/** A number of a metric; "–" for one that does not exist. */
export function value(number: number | null | undefined, kind: Kind): string {
  if (number === null || number === undefined) return '–'
  if (kind === 'count') return number >= 1e7 ? worded({ notation: 'compact', maximumSignificantDigits: 4 }).format(number) : count(number)
  if (kind === 'rate') return percent(number)
  if (kind === 'duration') return duration(number)
  return numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(number)
}

/** Per cent, given 0–100. */
export function percent(number: number, digits = 1): string {
  return numbers({ style: 'percent', maximumFractionDigits: digits, minimumFractionDigits: digits }).format(number / 100)
}

/** Short, for an axis. */
export function tick(number: number, kind: Kind): string {
  if (kind === 'rate') return percent(number, 0)
  if (kind === 'duration') return duration(number)
  return worded({ notation: 'compact', maximumFractionDigits: 1 }).format(number)
}

/** Seconds as `1m 05s` or `1h 02m`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const unit = (amount: number, name: string, digits: number) =>
    worded({ style: 'unit', unit: name, unitDisplay: 'narrow', minimumIntegerDigits: digits, useGrouping: false }).format(amount)
  if (whole < 60) return unit(whole, 'second', 1)
  if (whole < 3600) return `${unit(Math.floor(whole / 60), 'minute', 1)} ${unit(whole % 60, 'second', 2)}`
  return `${unit(Math.floor(whole / 3600), 'hour', 1)} ${unit(Math.floor((whole % 3600) / 60), 'minute', 2)}`
}

export interface Change {
  text: string
  /** For a reader who hears it. */
  words: string
  direction: -1 | 0 | 1
}

/** A change as the API tells it: per cent of the previous value, of a rate in percentage points; null is "new" or nothing. */
export function change(change: number | null | undefined, kind: Kind, now: number | null, before: number | null | undefined): Change {
  if (change === null || change === undefined) {
    if (before === 0 && now) return { text: 'new', words: 'nothing before', direction: 1 }
    if (before === 0 && now === 0) return { text: '=', words: 'unchanged', direction: 0 }
    return { text: '–', words: 'no comparison', direction: 0 }
  }
  const size = Math.abs(change)
  const digits = size < 10 ? 1 : 0
  const shown = kind === 'rate' ? numbers({ maximumFractionDigits: 1 }).format(size) : numbers({ style: 'percent', maximumFractionDigits: digits }).format(size / 100)
  // What rounds to nothing is no change.
  const direction = Number(size.toFixed(1)) === 0 ? 0 : change > 0 ? 1 : -1
  if (direction === 0) return { text: '=', words: 'unchanged', direction }
  const unit = kind === 'rate' ? ' pts' : ''
  return {
    text: `${direction > 0 ? '▲' : '▼'} ${shown}${unit}`,
    words: `${direction > 0 ? 'up' : 'down'} ${shown}${kind === 'rate' ? ' percentage points' : ''}`,
    direction,
  }
}

/** A date `YYYY-MM-DD`: `Tue 16 May`, with the year where it is not this one's. */
export function day(date: string, weekday = true): string {
  const year = date.slice(0, 4) !== thisYear()
  return dates({ day: 'numeric', month: 'short', ...(weekday && { weekday: 'short' }), ...(year && { year: 'numeric' }) }).format(Date.parse(date))
}

function thisYear(): string {
  return new Date().toISOString().slice(0, 4)
}

/** The name of a date's weekday. */
export function weekday(date: string): string {
  return dates({ weekday: 'long' }).format(Date.parse(date))
}

/** Two dates as one range; the year only where it is not this one. */
export function range(first: string, last: string): string {
  if (first === last) return dates({ weekday: 'long', day: 'numeric', month: 'long', ...(first.slice(0, 4) !== thisYear() && { year: 'numeric' }) }).format(Date.parse(first))
  const year = first.slice(0, 4) !== thisYear() || last.slice(0, 4) !== thisYear()
  return dates({ day: 'numeric', month: 'short', ...(year && { year: 'numeric' }) }).formatRange(Date.parse(first), Date.parse(last))
}

/** The bucket of a graph by its label, which is local time already. */
export function bucket(label: string, interval: Interval, full: boolean): string {
  const at = Date.parse(interval === 'hour' ? `${label.slice(0, 16)}Z` : label.slice(0, 10))
  if (interval === 'hour') {
    return full
      ? dates({ weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(at)
      : dates({ hour: 'numeric', minute: '2-digit' }).format(at)
  }
  if (interval === 'month') return dates({ month: full ? 'long' : 'short', ...((full || label.slice(5, 7) === '01') && { year: 'numeric' }) }).format(at)
  if (interval === 'week') return full ? `Week of ${day(label, false)}` : dates({ day: 'numeric', month: 'short' }).format(at)
  return full ? day(label) : dates({ day: 'numeric', month: 'short' }).format(at)
}

/** A moment of the clock in a zone. */
export function time(iso: string, zone: string): string {
  return dates({ hour: 'numeric', minute: '2-digit', timeZone: zone }).format(Date.parse(iso))
}

/** A moment (ms) of the reader's own clock. */
export function timeOfDay(at: number): string {
  return dates({ hour: 'numeric', minute: '2-digit', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }).format(at)
}

/** A moment of the clock in a zone, to the second. */
export function clockTime(iso: string, zone: string): string {
  return dates({ hour: 'numeric', minute: '2-digit', second: '2-digit', timeZone: zone }).format(Date.parse(iso))
}
