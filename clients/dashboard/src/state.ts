/** What the page shows, which is what its address says: read from it, written to it, without what is usual. */

import { isDimension, PANEL_NAMES, PANELS, type PanelName } from './dimensions'
import { encode, readFilter, writeFilter, type Filter } from './filters'
import { METRIC_NAMES, type Metric } from './metrics'
import { isDate, isPeriod, type Asked, type Interval } from './period'

export type Compare = 'previous' | 'year' | 'none'
export type Bots = 'exclude' | 'include' | 'only'

export interface State extends Asked {
  /** The site's id, "" for the key's own. */
  site: string
  view: 'overview' | 'live'
  compare: Compare
  /** "" for the one that fits the period. */
  interval: Interval | ''
  metric: Metric
  bots: Bots
  filters: readonly Filter[]
  tabs: Record<PanelName, string>
  /** The dimension of the open list, "" for none. */
  detail: string
  /** "1" in the frame of another page. */
  embed: '' | '1'
  /** The colours that the address asks for, "" for those of this device. */
  theme: '' | 'light' | 'dark'
}

export const USUAL: State = {
  site: '',
  view: 'overview',
  period: '30d',
  start: '',
  end: '',
  compare: 'previous',
  interval: '',
  metric: 'visitors',
  bots: 'exclude',
  filters: [],
  tabs: Object.fromEntries(PANELS.map((panel) => [panel.name, panel.tabs[0]!.name])) as Record<PanelName, string>,
  detail: '',
  embed: '',
  theme: '',
}

const CHOICES = {
  view: ['overview', 'live'],
  compare: ['previous', 'year', 'none'],
  interval: ['hour', 'day', 'week', 'month'],
  metric: METRIC_NAMES,
  bots: ['exclude', 'include', 'only'],
  embed: ['1'],
  theme: ['light', 'dark'],
} as const

/** The state of an address's query, and the parts of it that say nothing to us. */
export function readState(search: string): { state: State; ignored: string[] } {
  const state: State = { ...USUAL, tabs: { ...USUAL.tabs } }
  const filters: Filter[] = []
  const ignored: string[] = []
  for (const part of search.replace(/^\?/, '').split('&').filter(Boolean)) {
    const cut = part.indexOf('=')
    const name = cut < 0 ? part : part.slice(0, cut)
    const raw = cut < 0 ? '' : part.slice(cut + 1)
    if (!take(state, filters, name, raw)) ignored.push(part)
  }
  if (state.period === 'custom' && !(state.start && state.end && state.start <= state.end)) {
    ignored.push(`start=${state.start}&end=${state.end}`)
    state.period = USUAL.period
  }
  if (state.period !== 'custom') state.start = state.end = ''
  state.filters = filters
  return { state, ignored }
}

function take(state: State, filters: Filter[], name: string, raw: string): boolean {
  if (name === 'f') {
    const filter = readFilter(raw)
    if (filter) filters.push(filter)
    return filter !== null
  }
  let value: string
  try {
    value = decodeURIComponent(raw.replaceAll('+', '%20'))
  } catch {
    return false
  }
  if (Object.hasOwn(CHOICES, name)) {
    const known = (CHOICES[name as keyof typeof CHOICES] as readonly string[]).includes(value)
    if (known) Object.assign(state, { [name]: value })
    return known
  }
  if (name === 'site') {
    state.site = value
    return /^[a-z0-9-]{1,32}$/.test(value)
  }
  if (name === 'period' && isPeriod(value)) {
    state.period = value
    return true
  }
  if ((name === 'start' || name === 'end') && isDate(value)) {
    state[name] = value
    state.period = 'custom'
    return true
  }
  if (name === 'detail' && isDimension(value)) {
    state.detail = value
    return true
  }
  if (name === 'tab') {
    const cut = value.indexOf(':')
    const panel = PANELS.find((one) => one.name === value.slice(0, cut))
    const tab = panel?.tabs.find((one) => one.name === value.slice(cut + 1))
    if (panel && tab) state.tabs[panel.name] = tab.name
    return tab !== undefined
  }
  return false
}

/** The address's query of a state, in a fixed order; "" for the usual one. */
export function writeState(state: State): string {
  const parts: string[] = []
  const put = (name: string, value: string, usual: string) => {
    if (value !== usual) parts.push(`${name}=${encode(value)}`)
  }
  put('site', state.site, '')
  put('view', state.view, USUAL.view)
  if (state.period === 'custom') parts.push(`start=${state.start}`, `end=${state.end}`)
  else put('period', state.period, USUAL.period)
  put('compare', state.compare, USUAL.compare)
  put('interval', state.interval, '')
  put('metric', state.metric, USUAL.metric)
  put('bots', state.bots, USUAL.bots)
  for (const filter of state.filters) parts.push(`f=${writeFilter(filter)}`)
  for (const panel of PANEL_NAMES) {
    if (state.tabs[panel] !== USUAL.tabs[panel]) parts.push(`tab=${panel}:${encode(state.tabs[panel])}`)
  }
  put('detail', state.detail, '')
  put('embed', state.embed, '')
  put('theme', state.theme, '')
  return parts.length ? `?${parts.join('&')}` : ''
}
