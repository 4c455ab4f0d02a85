/** The metrics of the overview: their names, units, and what they mean. */

export type Metric = 'visitors' | 'sessions' | 'pageviews' | 'views_per_session' | 'bounce_rate' | 'avg_duration'
export type Kind = 'count' | 'mean' | 'rate' | 'duration'

export interface MetricInfo {
  name: Metric
  title: string
  /** As it stands in a sentence behind a number. */
  noun: string
  kind: Kind
  lessIsBetter?: true
  meaning: string
}

export const METRICS: readonly MetricInfo[] = [
  {
    name: 'visitors',
    title: 'Visitors',
    noun: 'visitors',
    kind: 'count',
    meaning:
      'Different people, as exactly as they can be told apart: by user id, else by the id of their device, else by a key that changes every day. Days do not add up, since one person can come on several.',
  },
  {
    name: 'sessions',
    title: 'Sessions',
    noun: 'sessions',
    kind: 'count',
    meaning: 'Visits that began in the period. A new one begins after 30 minutes without activity.',
  },
  { name: 'pageviews', title: 'Pageviews', noun: 'pageviews', kind: 'count', meaning: 'Pages that were viewed, repeated views included.' },
  {
    name: 'views_per_session',
    title: 'Views/session',
    noun: 'views per session',
    kind: 'mean',
    meaning: 'Pageviews divided by sessions.',
  },
  {
    name: 'bounce_rate',
    title: 'Bounce rate',
    noun: 'bounce rate',
    kind: 'rate',
    lessIsBetter: true,
    meaning: 'The share of sessions with one pageview and nothing else. Less is usually better; its change is in percentage points.',
  },
  {
    name: 'avg_duration',
    title: 'Avg. duration',
    noun: 'average duration',
    kind: 'duration',
    meaning: 'The time from the first to the last activity of a session, on average. A bounce lasts 0 seconds and counts.',
  },
]
export const METRIC_NAMES: readonly Metric[] = METRICS.map((metric) => metric.name)

/** The row of a metric. */
export function info(name: Metric): MetricInfo {
  return METRICS.find((metric) => metric.name === name)!
}
