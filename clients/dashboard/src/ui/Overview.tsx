import { useEffect, useMemo, useRef, useState } from 'react'
import { useAnswers } from '../answers'
import { PANELS } from '../dimensions'
import type { Filter } from '../filters'
import { day, range, timeOfDay } from '../format'
import { info, METRICS, METRIC_NAMES } from '../metrics'
import { filterText } from '../names'
import { clock, daysOf, intervals, length, neighbour, plusDays, PRESETS, today, zoom, type Days, type Interval } from '../period'
import { common, focusOf, intervalOf, lengthOf, metricOf, questions, type Answer, type Focus } from '../questions'
import type { Go } from '../address'
import { keep, kept } from '../kept'
import { movesOf } from '../moves'
import { byBucket, useNotes } from '../notes'
import type { Reader } from '../reader'
import type { Site } from '../sites'
import type { Bots, Compare, State } from '../state'
import { useKeys } from '../theme'
import { rangeOf, type Day, type History } from '../verdict'
import { Chart } from './Chart'
import { Detail } from './Detail'
import { EmptySite, useIsEmpty } from './EmptySite'
import { FilterEditor } from './FilterEditor'
import { Filters } from './Filters'
import { Freshness } from './Freshness'
import { useEvery } from './Header'
import { Kpis } from './Kpis'
import { NewNote, Notes } from './Notes'
import { CsvButton, Panel } from './Panel'
import { asked, PeriodBar } from './PeriodBar'
import { explain, Trouble, WrongFilters } from './Trouble'
import { Verdict } from './Verdict'
import { Why, WhyButton } from './Why'

const COMPARE: [Compare, string][] = [
  ['previous', 'the period before'],
  ['year', 'a year ago'],
  ['none', 'nothing'],
]
const INTERVALS: Record<Interval, string> = { hour: 'hours', day: 'days', week: 'weeks', month: 'months' }
/** Until the store told when its first event was, `all` counts as this many days. */
const UNKNOWN_DAYS = 366

interface Props {
  state: State
  ignored: string[]
  go: Go
  site: Site
  reader: Reader
  /** Whether a dialog of the page around this one is open. */
  covered: boolean
}

/** The whole overview of a site. */
export function Overview({ state, ignored, go, site, reader, covered }: Props) {
  const [moment, setMoment] = useState(Date.now)
  const [allDays, setAllDays] = useState(() => Number(kept(`footfall.days.${site.id}`)) || UNKNOWN_DAYS)
  const [asTable, setAsTable] = useState(false)
  const [editing, setEditing] = useState<number | null>(null)
  const [choosing, setChoosing] = useState(false)
  /** The ids of the notes that are read in full. */
  const [reading, setReading] = useState<readonly string[] | null>(null)
  const [writing, setWriting] = useState(false)
  const [wondering, wonder] = useState(false)
  const [said, setSaid] = useState('')
  const now = today(moment, site.timezone)
  // Every five minutes a question about today becomes another one.
  const until = clock(moment - (moment % 300_000), site.timezone)

  const asks = questions(state, now, until, allDays)
  const answers = useAnswers(asks)
  const { part, refresh } = answers
  const totals = part('totals')
  const series = part('series')
  const meta = totals.answer?.meta
  const answered = meta && state.period === 'all' ? { first: meta.period.start.slice(0, 10), last: now } : null
  const over = useMemo(() => daysOver(state, now, answered?.first), [state.period, state.start, state.end, now, answered?.first])
  const wanted: About = { asked: JSON.stringify([state.period, state.start, state.end, state.filters, state.bots]), bots: state.bots, days: daysOf(state, now) ?? answered, filters: state.filters, now, focus: focusOf(state, now, until), over }
  // Until other numbers are there, those of before are shown: of the days and filters of then.
  const settled = useRef<About | null>(null)
  if (totals.answer && !totals.old) settled.current = wanted
  const about = (totals.old && settled.current) || wanted
  const { focus } = about
  const told = part('history')
  const history = useMemo(() => (focus && told.answer ? historyOf(told.answer, focus, state) : null), [told.answer, JSON.stringify(focus), state.metric])

  useEffect(() => {
    if (state.period !== 'all' || totals.old || !meta) return
    const days = length({ first: meta.period.start.slice(0, 10), last: now })
    keep(`footfall.days.${site.id}`, `${days}`)
    setAllDays(days)
  }, [meta, state.period, totals.old])
  useEvery(60_000, () => {
    setMoment(Date.now())
    const days = daysOf(state, now)
    if (!days || days.last >= now) refresh()
  })

  const row = totals.answer?.results[0]
  const nothing = row !== undefined && row.metrics.every((one) => !one)
  const plain = state.filters.length === 0 && state.bots === 'exclude'
  const isEmpty = useIsEmpty(nothing && plain && !reader.link, state.site)
  const interval = intervalOf(state, now, allDays)
  const drawn = (series.answer?.query.dimensions[0]?.replace('time:', '') ?? interval) as Interval
  // Beside a period in which nothing happened everything is new, which tells nothing.
  const compared = row?.comparison?.metrics.some((one) => one) ?? false
  const before = meta?.previous ? previousText(meta.previous, meta.timezone) : ''
  const possible = intervals(lengthOf(state, now, allDays))
  const host = site.domains[0] ?? ''
  const visitors = metricOf(row, 'visitors')
  const visitorsBefore = row?.comparison?.metrics[METRIC_NAMES.indexOf('visitors')] ?? null
  const moved = compared && visitors !== null && visitorsBefore !== null ? visitors - visitorsBefore : 0
  const moves = moved === 0 ? [] : movesOf({ ...state, filters: about.filters }, (name) => part(name).answer)
  const period = readingPeriod(state, now)
  const banded = drawn === 'day' && focus?.every && history && about.over.some((date) => rangeOf(state.metric, date, history)) ? history : null
  const onDay = (date: string) => go(asked(date))
  const written = useNotes(site.id, daysOf(state, now))
  const marked = useMemo(
    () => byBucket(written.notes, series.answer?.results.map((one) => one.dimensions[0]!) ?? [], drawn, site.timezone),
    [written.notes, series.answer, drawn, site.timezone],
  )

  const compare = () => {
    const at = COMPARE.findIndex(([name]) => name === state.compare)
    go({ compare: COMPARE[(at + 1) % COMPARE.length]![0] })
  }
  useShortcuts(covered || editing !== null || choosing || reading !== null || writing || state.detail !== '', (key) => {
    const preset = PRESETS.find((one) => one.key === key)
    if (preset?.name === 'custom') setChoosing(true)
    else if (preset) go(asked(preset.name))
    else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const next = neighbour(state, now, key === 'ArrowLeft' ? -1 : 1)
      if (next) go({ ...next, interval: '' })
    } else if (key === 'f') setEditing(state.filters.length)
    else if (key === 'x') compare()
    else if (key === 'i') go({ interval: possible[(possible.indexOf(interval) + 1) % possible.length]! })
    else if (/^[1-6]$/.test(key)) go({ metric: METRICS[Number(key) - 1]!.name }, true)
    else if (key === 'Escape' && state.filters.length) {
      go({ filters: [] })
      setSaid('All filters are removed. The browser’s Back brings them back.')
    } else return false
    return true
  })

  if (isEmpty) return <EmptySite site={site} reader={reader} onData={refresh} />
  const title = `${info(state.metric).title} by ${drawn}`
  const chartTitle = seriesTitle(state, drawn, series.answer)
  return (
    <>
      <section aria-label="Period and filters">
        <PeriodBar state={state} now={now} answered={answered} zone={site.timezone} asking={choosing} onAsk={setChoosing} go={go} />
        <Filters fixed={reader.fixed} filters={state.filters} onEdit={setEditing} go={go} />
      </section>
      <p className="unseen" role="status">
        {said}
      </p>
      {ignored.length > 0 && (
        <p className="note" role="alert">
          The address has parts that say nothing here and were ignored: <bdi>{ignored.map(readable).join(', ')}</bdi>{' '}
          <button type="button" className="link" onClick={() => go({ ...state }, true)}>
            Remove them
          </button>
        </p>
      )}
      {answers.failure && (
        <Trouble error={answers.failure} onRetry={refresh}>
          {answers.failure.status === 422 && (
            <button type="button" onClick={() => go({ ...asked('30d'), filters: [] })}>
              Last 30 days without filters
            </button>
          )}
        </Trouble>
      )}
      {totals.error?.code === 'invalid_filter' && <WrongFilters error={totals.error} filters={state.filters} go={go} />}
      {totals.error && totals.error !== answers.failure && totals.error.code !== 'invalid_filter' && (
        <Trouble error={totals.error} onRetry={refresh}>
          <button type="button" onClick={() => go({ ...asked('30d'), filters: [] })}>
            Last 30 days without filters
          </button>
        </Trouble>
      )}
      <main id="main" aria-busy={answers.loading} className={totals.old && totals.answer ? 'old' : ''}>
        <h1 className="unseen">Overview of {site.name || site.id}</h1>
        {totals.old && totals.answer && (answers.failure || about.asked !== wanted.asked) && (
          <p className={`shown ${answers.failure ? 'failed' : ''}`} role="status">
            <span>
              {!answers.failure && 'New numbers are on their way. '}Shown: <bdi>{aboutText(about)}</bdi>, as of {timeOfDay(answers.at)}
            </span>
          </p>
        )}
        {focus && !nothing && !totals.error && (
          <Verdict metric={state.metric} focus={focus} now={about.now} totals={totals} history={history} part={part} over={focus.until ? [] : about.over} onDay={onDay} />
        )}
        {nothing && about.filters.length > 0 && (
          <p className="verdict">
            Nobody matches{' '}
            {about.filters.map((filter, index) => (
              <span key={index}>
                {index > 0 && ' and '}
                <b>
                  <bdi>{filterText(filter)}</bdi>
                </b>
              </span>
            ))}{' '}
            in this period.{' '}
            <button type="button" className="link" onClick={() => go({ filters: [] })}>
              Remove
            </button>{' '}
            ·{' '}
            <button type="button" className="link" onClick={() => go(asked('12mo'))}>
              Last 12 months
            </button>
          </p>
        )}
        {nothing && about.filters.length === 0 && (isEmpty === false || reader.link) && (
          <p className="verdict">
            Nobody came in this period.{' '}
            <button type="button" className="link" onClick={() => go(asked('all'))}>
              Show all time
            </button>
          </p>
        )}
        <Kpis totals={totals} series={series} compared={compared} chosen={state.metric} before={before} onChoose={(metric) => go({ metric }, true)} />
        <section className="course-panel" aria-labelledby="course">
          <header>
            <h2 id="course">{title}</h2>
            <span className="legend" aria-hidden="true">
              {before && (compared ? <span className="key-before">{before}</span> : <span>no visits {before}</span>)}
              {banded && !nothing && <span className="key-usual">usual</span>}
            </span>
            {moves.length > 0 && <WhyButton change={moved} against={before} open={wondering} onOpen={wonder} />}
            <span className="gap" />
            {reader.admin && (
              <button type="button" className="quiet-button add-note" aria-haspopup="dialog" onClick={() => setWriting(true)}>
                + Note
              </button>
            )}
            <span className="controls">
              <label>
                <span className="unseen">Compared with</span>
                <select value={state.compare} title="Compared with" onChange={(event) => go({ compare: event.target.value as Compare })}>
                  {COMPARE.map(([name, words]) => (
                    <option key={name} value={name}>
                      vs. {words}
                    </option>
                  ))}
                </select>
              </label>
              {possible.length > 1 && (
                <label>
                  <span className="unseen">Interval</span>
                  <select
                    value={interval}
                    title="Interval"
                    onChange={(event) => go({ interval: event.target.value === possible[0] ? '' : (event.target.value as Interval) })}
                  >
                    {possible.map((one) => (
                      <option key={one} value={one}>
                        {INTERVALS[one]}
                      </option>
                    ))}
                  </select>
                </label>
              )}
              <button type="button" className="quiet-button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
                Table
              </button>
              <CsvButton name={`${site.id}-by-${interval}`} query={{ ...common(state, now), metrics: METRIC_NAMES, dimensions: [`time:${interval}`], order_by: [[`time:${interval}`, 'asc']] }} what="Course" />
            </span>
          </header>
          {wondering && moves.length > 0 && <Why moves={moves} change={moved} filters={state.filters} go={go} />}
          {series.error ? (
            <p className="none">{series.error.message === totals.error?.message ? 'No numbers, as said above.' : explain(series.error)}</p>
          ) : series.answer ? (
            <Chart
              answer={series.answer}
              interval={drawn}
              metric={state.metric}
              history={banded}
              compared={compared}
              title={chartTitle}
              asTable={asTable}
              notes={marked}
              zone={site.timezone}
              onNotes={(notes) => setReading(notes.map((note) => note.id))}
              onZoom={drawn === 'hour' ? null : (label) => go({ ...zoom(label, drawn)!, interval: '' })}
            />
          ) : (
            <div className="skeleton graph-skeleton" />
          )}
          {written.error && <p className="quiet">Notes: {explain(written.error)}</p>}
        </section>
        <div className="panels">
          {PANELS.map((panel) => (
            <Panel
              key={panel.name}
              panel={panel}
              state={state}
              now={now}
              site={site.id}
              period={period}
              part={part}
              visitors={visitors}
              said={totals.error?.message ?? ''}
              compared={compared}
              onRetry={refresh}
              filters={state.filters}
              go={go}
              host={host}
            />
          ))}
        </div>
      </main>
      {meta && <Freshness meta={meta} answers={answers} state={state} go={go} />}
      {state.detail && (
        <Detail
          key={state.detail}
          dimension={state.detail}
          state={state}
          now={now}
          site={site.id}
          compared={compared}
          filters={state.filters}
          go={go}
          host={host}
          onClose={() => go({ detail: '' })}
        />
      )}
      {reading !== null && (
        <Notes
          site={site.id}
          zone={site.timezone}
          notes={written.notes.filter((note) => reading.includes(note.id))}
          admin={reader.admin}
          onChange={written.refresh}
          onClose={() => setReading(null)}
        />
      )}
      {writing && <NewNote site={site.id} zone={site.timezone} at={moment} onWritten={written.refresh} onClose={() => setWriting(false)} />}
      {editing !== null && <FilterEditor key={editing} state={state} index={editing} period={period} onClose={() => setEditing(null)} go={go} />}
    </>
  )
}

/** Days as numbers: those without rows had nothing. */
function historyOf(answer: Answer, focus: Focus, state: State): History {
  const found = new Map(answer.results.map((row) => [row.dimensions[0]!, row]))
  const history = new Map<string, Day>()
  const count = info(state.metric).kind === 'count'
  for (let date = focus.history.first; date <= focus.history.last; date = plusDays(date, 1)) {
    const row = found.get(date)
    history.set(date, row ? { value: metricOf(row, state.metric), sessions: metricOf(row, 'sessions') ?? 0 } : { value: count ? 0 : null, sessions: 0 })
  }
  return history
}

/** What numbers are about. */
interface About {
  /** The period, filters and bots as they were asked for. */
  asked: string
  bots: Bots
  /** Null for all, as long as nobody knows which these are. */
  days: Days | null
  filters: readonly Filter[]
  now: string
  focus: Focus | null
  /** The days that are over. */
  over: string[]
}

function aboutText({ days, filters, bots }: About): string {
  const counted = { exclude: [], include: ['bots included'], only: ['only bots'] }[bots]
  return [days ? range(days.first, days.last) : 'all time', ...filters.map(filterText), ...counted].join(', ')
}

/** The days of the period that are over. */
function daysOver(state: State, now: string, first: string | undefined): string[] {
  const days = daysOf(state, now) ?? (first ? { first, last: now } : null)
  const over: string[] = []
  if (days && length(days) <= 400) for (let date = days.first; date <= days.last && date < now; date = plusDays(date, 1)) over.push(date)
  return over
}

/** The period as parameters of the reading routes, whose end is open. */
function readingPeriod(state: State, now: string): Record<string, string> {
  if (state.period === 'custom') return { start: state.start, end: plusDays(state.end, 1) }
  const { date_range } = common(state, now)
  return { period: date_range as string }
}

function previousText(previous: { start: string; end: string }, zone: string): string {
  const first = today(Date.parse(previous.start), zone)
  const last = today(Date.parse(previous.end) - 1, zone)
  return first === last ? day(first) : range(first, last)
}

function seriesTitle(state: State, interval: Interval, answer: Answer | null): string {
  const count = answer?.results.length ?? 0
  return `${info(state.metric).title} by ${interval}, ${count} points`
}

function readable(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Calls a function with each key that nothing else on the page takes; it tells whether it did something with it. */
function useShortcuts(off: boolean, press: (key: string) => boolean): void {
  const [on] = useKeys()
  useEffect(() => {
    if (off) return
    const listen = (event: KeyboardEvent) => {
      const { target, key } = event
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
      if (target instanceof Element && target.closest('input, select, textarea, [role=tablist], dialog')) return
      const letter = key.length === 1
      if (letter && !on) return
      if (press(letter ? key.toLowerCase() : key)) event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
}
