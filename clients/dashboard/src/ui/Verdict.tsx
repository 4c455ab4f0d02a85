import { day, value, weekday } from '../format'
import { info, type Metric } from '../metrics'
import { plusDays } from '../period'
import { metricOf, type Focus } from '../questions'
import type { Part } from '../answers'
import { LEAST, rangeOf, side, usualRange, WEEKS, type Day, type History } from '../verdict'
import { rangeText } from './Chart'

interface Props {
  metric: Metric
  focus: Focus
  now: string
  /** Today's total so far, where the period is today. */
  totals: Part
  history: History | null
  part: (name: string) => Part
  /** The days of the period that are over. */
  over: string[]
  onDay: (date: string) => void
}

const WORDS = { '-1': 'less than usual', '0': 'usual', '1': 'more than usual' }

/** The sentence that opens the page: whether this is usual, and which days were not. */
export function Verdict({ metric, focus, now, totals, history, part, over, onDay }: Props) {
  const { kind, noun } = info(metric)
  const name = weekday(focus.date)
  const told = focus.until ? metricOf(totals.answer?.results[0], metric) : (history?.get(focus.date)?.value ?? null)
  if (!history || (focus.until && !totals.answer)) return <p className="verdict skeleton" />
  const range = focus.until ? usualRange(metric, earlierUntil(focus, metric, history, part)) : rangeOf(metric, focus.date, history)
  const when = focus.until ? 'Today so far' : focus.date === plusDays(now, -1) ? 'Yesterday' : day(focus.date)
  const judged = range && told !== null ? side(told, range) : null
  const odd = focus.every ? oddDays(over, metric, history) : []
  return (
    <p className="verdict">
      {kind === 'count' ? (
        <>
          {when} <b>{value(told, kind)}</b> {noun}
        </>
      ) : (
        <>
          {when}, {noun} <b>{value(told, kind)}</b>
        </>
      )}
      {judged !== null && range ? (
        <>
          : <em className={judged === 0 ? '' : 'odd'}>{WORDS[`${judged}`]}</em> for a {name}
          {focus.until && ` until ${focus.until}`}{' '}
          <span className="quiet">
            ({rangeText(range, metric)} in {range.weeks} weeks)
          </span>
          .
        </>
      ) : (
        <span className="quiet">. What is usual for a {name} can be told after {LEAST} weeks.</span>
      )}
      {odd.length > 0 && (
        <span className="stood-out">
          {' '}
          {odd.length === 1 ? 'One day' : `${odd.length} days`} of {over.length} stood out:{' '}
          {odd.slice(-4).map(([date, up], index) => (
            <span key={date}>
              {index > 0 && ', '}
              <button type="button" className="link" onClick={() => onDay(date)}>
                {up > 0 ? '▲' : '▼'} {day(date)}
                <span className="unseen">{up > 0 ? ' more than usual' : ' less than usual'}</span>
              </button>
            </span>
          ))}
          {odd.length > 4 && ' and earlier ones'}.
        </span>
      )}
    </p>
  )
}

/** The same weekday of the weeks before, each up to the same time of the clock. */
function earlierUntil(focus: Focus, metric: Metric, history: History, part: (name: string) => Part): Day[] {
  const began = [...history].filter(([, one]) => one.sessions > 0).map(([date]) => date).sort()[0]
  const days: Day[] = []
  for (let week = 1; week <= WEEKS; week++) {
    const date = plusDays(focus.date, -7 * week)
    const { answer } = part(`until:${date}`)
    const row = answer?.results[0]
    const asked = answer?.query.metrics
    if (row && began && date >= began) days.push({ value: metricOf(row, metric, asked), sessions: metricOf(row, 'sessions', asked) ?? 0 })
  }
  return days
}

function oddDays(over: string[], metric: Metric, history: History): [string, -1 | 1][] {
  const odd: [string, -1 | 1][] = []
  for (const date of over) {
    const range = rangeOf(metric, date, history)
    const told = history.get(date)?.value ?? null
    const where = range && told !== null ? side(told, range) : 0
    if (where !== 0) odd.push([date, where])
  }
  return odd
}
