/** The questions of the overview: each part of the page is one query of a single POST /query. */

import { PANELS, type PanelName } from './dimensions'
import { forApi, type Filter } from './filters'
import { METRIC_NAMES, type Metric } from './metrics'
import { dateRange, daysOf, intervals, length, plusDays, type Days, type Interval } from './period'
import type { State } from './state'
import { WEEKS } from './verdict'

export interface Query {
  site?: string
  metrics: readonly string[]
  dimensions?: readonly string[]
  date_range: string | readonly [string, string]
  filters?: readonly unknown[]
  bots?: string
  order_by?: readonly (readonly [string, string])[]
  pagination?: { limit: number; offset?: number }
  include?: Record<string, unknown>
  format?: 'csv'
}

export interface Row {
  dimensions: string[]
  metrics: (number | null)[]
  percentages?: (number | null)[]
  comparison?: { dimensions: string[]; metrics: (number | null)[]; change: (number | null)[] } | null
}

export interface Meta {
  site: string
  timezone: string
  period: { start: string; end: string }
  previous: { start: string; end: string } | null
  fresh_to: string | null
  bots_excluded: boolean
  source: 'rollup' | 'raw' | 'both'
  rows_read: number
  total_rows?: number
  time_labels?: string[]
  partial?: string[]
}

export interface Answer {
  results: Row[]
  meta: Meta
  query: { dimensions: string[]; metrics: string[] }
}

/** Rows of a panel. */
export const ROWS = 10
/** A graph of more days than this has no band of usual values. */
export const BAND_DAYS = 124

/** The interval of the graph: the one that was asked for where it is possible. */
export function intervalOf(state: State, now: string, allDays: number): Interval {
  const possible = intervals(lengthOf(state, now, allDays))
  return state.interval && possible.includes(state.interval) ? state.interval : possible[0]!
}

/** How many days the period has; of `all` as many as were answered last. */
export function lengthOf(state: State, now: string, allDays: number): number {
  const days = daysOf(state, now)
  return days ? length(days) : allDays
}

/** What the verdict is about: one day, and the days before it that tell what is usual. */
export interface Focus {
  date: string
  /** A day that is not over, up to this clock time. */
  until: string
  /** The days of the daily history. */
  history: Days
  /** Whether the history covers every day of the period. */
  every: boolean
}

/** The day that the verdict is about: the period's only one, or its last that is over. Null where none has begun. */
export function focusOf(state: State, now: string, clock: string): Focus | null {
  const days = daysOf(state, now) ?? { first: plusDays(now, -1000), last: now }
  if (days.first > now) return null
  const last = days.last > now ? now : days.last
  if (days.first === now) {
    return { date: now, until: clock, history: { first: plusDays(now, -7 * WEEKS), last: now }, every: false }
  }
  const date = last === now ? plusDays(now, -1) : last
  const every = length({ first: days.first, last }) <= BAND_DAYS
  return { date, until: '', history: { first: plusDays(every ? days.first : date, -7 * WEEKS), last }, every }
}

/** What every question of a state has in common. */
export function common(state: State, now: string): Pick<Query, 'date_range'> & Partial<Query> {
  return {
    ...scope(state),
    date_range: dateRange(state, now),
    ...(state.filters.length && { filters: forApi(state.filters) }),
  }
}

function scope(state: State): Partial<Query> {
  return { ...(state.site && { site: state.site }), ...(state.bots !== 'exclude' && { bots: state.bots }) }
}

function compared(state: State): Record<string, unknown> {
  return state.compare === 'none' ? {} : { compare: state.compare }
}

/** Whether values of this dimension are chosen by a filter. */
export function isChosen(filters: readonly Filter[], dimension: string): boolean {
  return filters.some((filter) => filter.operator === 'is' && filter.dimension === dimension)
}

/**
 * The rows of a dimension, most visitors first. Values that are chosen stand among those that could be chosen beside or
 * instead of them: a filter `is` of the dimension itself does not count here.
 */
export function rowsOf(state: State, now: string, dimension: string, metrics: readonly string[], limit: number): Query {
  const filters = state.filters.filter((filter) => !(filter.operator === 'is' && filter.dimension === dimension))
  const asked = common({ ...state, filters }, now)
  return {
    ...asked,
    metrics,
    dimensions: [dimension],
    order_by: [[metrics[0]!, 'desc']],
    // Pageviews are a row among the events, which is not shown; a filter that leaves them out would cost a look at every event.
    pagination: { limit: dimension === 'event' ? limit + 1 : limit },
    include: { ...compared(state), total_rows: true, percentages: true },
  }
}

/** The dimension that a tab shows rows of; null for one that asks otherwise. */
export function dimensionOf(tab: string): string | null {
  return tab === 'map' ? 'country' : tab === 'properties' ? null : tab
}

/** What a row of a dimension is counted in. */
export function rowMetrics(dimension: string): readonly string[] {
  return dimension === 'event' || dimension.startsWith('props:') ? ['events', 'visitors'] : ['visitors']
}

/** How many rows a tab shows; the map shows every country. */
export function limitOf(tab: string): number {
  return tab === 'map' ? 300 : ROWS
}

/** All questions of the overview by name. */
export function questions(state: State, now: string, clock: string, allDays: number): Record<string, Query> {
  const asked = common(state, now)
  const interval = intervalOf(state, now, allDays)
  const all: Record<string, Query> = {
    totals: { ...asked, metrics: METRIC_NAMES, include: compared(state) },
    series: {
      ...asked,
      metrics: METRIC_NAMES,
      dimensions: [`time:${interval}`],
      pagination: { limit: 5000 },
      include: { ...compared(state), time_labels: true },
    },
  }
  for (const panel of PANELS) {
    const tab = state.tabs[panel.name]
    const dimension = dimensionOf(tab)
    if (dimension) all[nameOfRows(panel.name, tab)] = rowsOf(state, now, dimension, rowMetrics(dimension), limitOf(tab))
  }
  const focus = focusOf(state, now, clock)
  if (focus) {
    all['history'] = {
      ...asked,
      date_range: [focus.history.first, focus.history.last],
      metrics: METRIC_NAMES,
      dimensions: ['time:day'],
    }
    if (focus.until) {
      for (let week = 1; week <= WEEKS; week++) {
        const date = plusDays(focus.date, -7 * week)
        all[`until:${date}`] = { ...asked, date_range: [`${date}T00:00`, `${date}T${focus.until}`], metrics: untilMetrics(state.metric) }
      }
    }
  }
  return all
}

/** The rows of an answer that are shown, and of how many, null where nobody knows; pageviews are no event with a name. */
export function shownRows(answer: Answer, dimension: string, limit: number): { rows: Row[]; total: number | null } {
  const total = answer.meta.total_rows ?? answer.results.length
  if (dimension !== 'event') return { rows: answer.results, total }
  const rows = answer.results.filter((row) => row.dimensions[0] !== '')
  const pageviews = answer.results.length - rows.length
  // Fewer pageviews than of many other events: they may be a row behind these, or none.
  const known = pageviews > 0 || total === answer.results.length
  return { rows: rows.slice(0, limit), total: known ? total - pageviews : null }
}

/** Parts of days are read from the events, where what sessions need costs ten times as much: that is asked when it is shown. */
function untilMetrics(metric: Metric): readonly Metric[] {
  return metric === 'visitors' || metric === 'pageviews' ? ['visitors', 'pageviews'] : METRIC_NAMES
}

/** The name of the question for the rows of a tab. */
export function nameOfRows(panel: PanelName, tab: string): string {
  return `${panel}:${tab}`
}

/** A metric of a row, by the order that it was asked in; null where it was not. */
export function metricOf(row: Row | undefined, metric: Metric, asked: readonly string[] = METRIC_NAMES): number | null {
  return row?.metrics[asked.indexOf(metric)] ?? null
}
