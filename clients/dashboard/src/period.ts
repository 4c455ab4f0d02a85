/** Periods of the page: their names, days, neighbours and intervals. Dates are texts `YYYY-MM-DD` of the site's calendar. */

export type Interval = 'hour' | 'day' | 'week' | 'month'

export interface Preset {
  name: string
  title: string
  /** Where there is little room. */
  short: string
  key: string
}

/** The row of buttons. */
export const PRESETS: readonly Preset[] = [
  { name: 'today', title: 'Today', short: 'Today', key: 'd' },
  { name: 'yesterday', title: 'Yesterday', short: 'Yesterday', key: 'e' },
  { name: '7d', title: 'Last 7 days', short: '7 days', key: 'w' },
  { name: '30d', title: 'Last 30 days', short: '30 days', key: 't' },
  { name: '90d', title: 'Last 90 days', short: '90 days', key: 'n' },
  { name: 'mtd', title: 'This month', short: 'This month', key: 'm' },
  { name: 'last_month', title: 'Last month', short: 'Last month', key: 'p' },
  { name: 'ytd', title: 'This year', short: 'Year', key: 'y' },
  { name: '12mo', title: 'Last 12 months', short: '12 months', key: 'l' },
  { name: 'all', title: 'All time', short: 'All', key: 'a' },
  { name: 'custom', title: 'From … to …', short: 'Custom', key: 'c' },
]

/** First and last day, both in it. */
export interface Days {
  first: string
  last: string
}

export interface Asked {
  period: string
  start: string
  end: string
}

const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** The first day that a period may begin with. */
export const FIRST_DAY = '1970-01-01'

/** Whether this is a day that the calendar has, and the store. */
export function isDate(text: string): boolean {
  return DATE.test(text) && text >= FIRST_DAY && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)
}

/** Whether a period of this name exists; `custom` apart. */
export function isPeriod(name: string): boolean {
  return (
    (PRESETS.some((preset) => preset.name === name) && name !== 'custom') ||
    name === '24h' ||
    (/^[1-9]\d{0,3}d$/.test(name) && parseInt(name) <= 3660) ||
    (/^\d{4}-\d{2}$/.test(name) && isDate(`${name}-01`)) ||
    isDate(name)
  )
}

/** Today's date at a moment (ms) in a zone. */
export function today(now: number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
}

/** The clock in a zone, `HH:MM`. */
export function clock(now: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now)
}

/** A date so many days later. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** How many days, both ends counted. */
export function length(days: Days): number {
  return Math.round((Date.parse(days.last) - Date.parse(days.first)) / DAY_MS) + 1
}

/** The first of a month so many months later. */
function monthStart(date: string, months: number): string {
  const year = Number(date.slice(0, 4))
  const month = Number(date.slice(5, 7)) - 1 + months
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10)
}

/** The days of a period; null for `all`, whose first day only the store knows. */
export function daysOf(asked: Asked, now: string): Days | null {
  const { period } = asked
  if (period === 'all') return null
  if (period === 'custom') return { first: asked.start, last: asked.end }
  if (period === 'today') return { first: now, last: now }
  if (period === 'yesterday') return { first: plusDays(now, -1), last: plusDays(now, -1) }
  if (period === '24h') return { first: plusDays(now, -1), last: now }
  if (period === 'mtd') return { first: monthStart(now, 0), last: now }
  if (period === 'last_month') return { first: monthStart(now, -1), last: plusDays(monthStart(now, 0), -1) }
  if (period === 'ytd') return { first: `${now.slice(0, 4)}-01-01`, last: now }
  if (period === '12mo') return { first: monthStart(now, -11), last: plusDays(monthStart(now, 1), -1) }
  if (/^\d+d$/.test(period)) return { first: plusDays(now, 1 - parseInt(period)), last: now }
  if (isDate(period)) return { first: period, last: period }
  return { first: `${period}-01`, last: plusDays(monthStart(`${period}-01`, 1), -1) }
}

/** `date_range` of POST /query. Names are left to the API, which knows its own clock. */
export function dateRange(asked: Asked, now: string): string | [string, string] {
  if (asked.period === 'custom') return [asked.start, asked.end]
  if (asked.period === 'last_month') return monthStart(now, -1).slice(0, 7)
  return asked.period
}

/** The period before (-1) or after (1); null where there is none or it has not begun. */
export function neighbour(asked: Asked, now: string, step: -1 | 1): Asked | null {
  const days = daysOf(asked, now)
  if (!days) return null
  const months = asked.period === 'mtd' ? 1 : asked.period === 'ytd' ? 12 : wholeMonths(days)
  if (months) {
    const start = monthStart(days.first, step * months)
    const end = plusDays(monthStart(start, months), -1)
    return begun(months === 1 ? { period: start.slice(0, 7), start: '', end: '' } : { period: 'custom', start, end }, now)
  }
  const shift = step * length(days)
  const first = plusDays(days.first, shift)
  const last = plusDays(days.last, shift)
  return begun(first === last ? { period: first, start: '', end: '' } : { period: 'custom', start: first, end: last }, now)
}

/** How many whole months these days are; 0 where they are not: years and months are as long as the calendar has them. */
function wholeMonths({ first, last }: Days): number {
  const end = plusDays(last, 1)
  if (!first.endsWith('-01') || !end.endsWith('-01')) return 0
  return (Number(end.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + Number(end.slice(5, 7)) - Number(first.slice(5, 7))
}

function begun(asked: Asked, now: string): Asked | null {
  const days = daysOf(asked, now)!
  if (days.first > now) return null
  if (asked.period === now) return { period: 'today', start: '', end: '' }
  if (asked.period === now.slice(0, 7)) return { period: 'mtd', start: '', end: '' }
  const year = now.slice(0, 4)
  if (days.first === `${year}-01-01` && days.last === `${year}-12-31`) return { period: 'ytd', start: '', end: '' }
  if (days.first === monthStart(now, -11) && days.last === plusDays(monthStart(now, 1), -1)) return { period: '12mo', start: '', end: '' }
  return asked
}

/** What a graph of so many days can be drawn by; the first is the usual one. */
export function intervals(days: number): Interval[] {
  if (days <= 2) return ['hour']
  if (days <= 7) return ['day', 'hour']
  if (days <= 31) return ['day', 'week']
  if (days <= 92) return ['day', 'week', 'month']
  if (days <= 184) return ['week', 'day', 'month']
  if (days <= 1100) return ['month', 'week', 'day']
  return ['month', 'week']
}

/** The period that a bucket of a graph covers, to look at it more closely; null for an hour. */
export function zoom(label: string, interval: Interval): Asked | null {
  const date = label.slice(0, 10)
  if (interval === 'day') return { period: date, start: '', end: '' }
  if (interval === 'week') return { period: 'custom', start: date, end: plusDays(date, 6) }
  if (interval === 'month') return { period: date.slice(0, 7), start: '', end: '' }
  return null
}
