import { useEffect, useId, useState, type KeyboardEvent } from 'react'
import type { Part } from '../answers'
import { ApiError } from '../api'
import { csvOf, save } from '../csv'
import { titleOf, type PanelInfo } from '../dimensions'
import { count } from '../format'
import { METRIC_NAMES } from '../metrics'
import { dimensionOf, isChosen, nameOfRows, ROWS, rowsOf, shownRows, type Query } from '../questions'
import type { State } from '../state'
import { Properties } from './Properties'
import { Rows, type RowActions } from './Rows'
import { explain } from './Trouble'
import { loadWorld, WorldMap } from './WorldMap'

interface Props extends RowActions {
  panel: PanelInfo
  state: State
  now: string
  site: string
  period: Record<string, string>
  part: (name: string) => Part
  visitors: number | null
  /** What went wrong for the whole page and was said there. */
  said: string
  onRetry: () => void
}

/** A panel: its dimensions as tabs, the first rows, and the way to all of them and to their CSV. */
export function Panel({ panel, state, now, site, period, part, visitors, said, onRetry, ...actions }: Props) {
  const id = useId()
  const tab = state.tabs[panel.name]
  const dimension = dimensionOf(tab)
  const told = dimension ? part(nameOfRows(panel.name, tab)) : null
  const shown = told?.answer ? shownRows(told.answer, dimension!, ROWS) : null
  useEffect(() => {
    // While the question is on its way, so that neither waits for the other; the map says it where this fails.
    if (tab === 'map') loadWorld().catch(() => {})
  }, [tab])
  const choose = (name: string) => actions.go({ tabs: { ...state.tabs, [panel.name]: name } }, true)
  return (
    <section className={`panel ${panel.name}`} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{panel.title}</h2>
        <Tabs panel={panel} tab={tab} id={id} onChoose={choose} />
      </header>
      <div className="body" id={`${id}-body`} role="tabpanel" aria-label={titleOf(tab)} aria-busy={told?.old ?? false}>
        {tab === 'properties' ? (
          <Properties state={state} now={now} period={period} {...actions} />
        ) : told?.error && told.error.message === said ? (
          <p className="none">No numbers, as said above.</p>
        ) : told?.error ? (
          <p className="none">
            {panel.title}: {explain(told.error)}{' '}
            <button type="button" className="link" onClick={onRetry}>
              Try again
            </button>
          </p>
        ) : !told?.answer ? (
          <div className="skeleton rows-skeleton" />
        ) : shown!.rows.length === 0 ? (
          <p className="none">{emptyText(tab, state)}</p>
        ) : tab === 'map' ? (
          <WorldMap answer={told.answer} {...actions} />
        ) : (
          <Rows
            answer={told.answer}
            dimension={dimension!}
            title={titleOf(dimension!)}
            unit={panel.name === 'events' ? 'Events' : 'Visitors'}
            visitors={visitors}
            {...actions}
          />
        )}
      </div>
      {dimension && (
        <footer>
          {isChosen(state.filters, dimension) && <span className="quiet choice">with those not chosen</span>}
          {shown && shown.rows.length > 0 && (
            <button type="button" className="quiet-button" aria-haspopup="dialog" onClick={() => actions.go({ detail: dimension })}>
              {shown.total === null ? 'All' : shown.total > shown.rows.length ? `All ${count(shown.total)}` : 'Details'}
            </button>
          )}
          <CsvButton name={`${site}-${dimension}`} query={onlyNamed(rowsOf(state, now, dimension, csvMetrics(dimension), 1))} what={titleOf(dimension)} />
        </footer>
      )}
    </section>
  )
}

/** The same question without pageviews, where it is about events: what is asked on demand may cost more. */
export function onlyNamed(query: Query): Query {
  return query.dimensions?.[0] === 'event' ? { ...query, filters: [...(query.filters ?? []), ['is_not', 'event', ['']]] } : query
}

/** What the CSV of a dimension tells of each value. */
export function csvMetrics(dimension: string): readonly string[] {
  return dimension === 'event' || dimension.startsWith('props:') ? ['events', 'visitors'] : METRIC_NAMES
}

function emptyText(tab: string, state: State): string {
  if (state.filters.length) return 'Nothing matches these filters.'
  if (tab === 'event') return 'No events but pageviews in this period.'
  return 'Nothing in this period.'
}

/** Saves every row of a question, not only those that are shown. */
export function CsvButton({ name, query, what }: { name: string; query: Query; what: string }) {
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState('')
  return (
    <>
      {failed && (
        <span className="failed-csv" role="alert">
          No CSV: {failed}
        </span>
      )}
      <button
        type="button"
        className="quiet-button"
        aria-label={`${what} as CSV`}
        title={`All rows of ${what} as a file`}
        disabled={busy}
        onClick={async () => {
          setBusy(true)
          setFailed('')
          try {
            save(`${name}.csv`, await csvOf(query))
          } catch (error) {
            setFailed(error instanceof ApiError ? explain(error) : 'The file could not be made.')
          }
          setBusy(false)
        }}
      >
        CSV ↓
      </button>
    </>
  )
}

interface TabsProps {
  panel: PanelInfo
  tab: string
  id: string
  onChoose: (name: string) => void
}

function Tabs({ panel, tab, id, onChoose }: TabsProps) {
  const shown = panel.tabs.slice(0, panel.shown)
  const rest = panel.tabs.slice(panel.shown)
  const at = shown.findIndex((one) => one.name === tab)
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const next = step && shown[(Math.max(0, at) + step + shown.length) % shown.length]
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    onChoose(next.name)
    document.getElementById(`${id}-${next.name}`)?.focus()
  }
  return (
    <div className="tabs">
      <div role="tablist" aria-label={panel.title} onKeyDown={keys}>
        {shown.map((one, index) => (
          <button
            key={one.name}
            id={`${id}-${one.name}`}
            type="button"
            role="tab"
            aria-selected={one.name === tab}
            aria-controls={`${id}-body`}
            tabIndex={index === Math.max(0, at) ? 0 : -1}
            onClick={() => onChoose(one.name)}
          >
            {one.tab}
          </button>
        ))}
      </div>
      {rest.length > 0 && (
        <select
          aria-label={`More of ${panel.title}`}
          className={at < 0 ? 'chosen' : ''}
          value={at < 0 ? tab : ''}
          onChange={(event) => event.target.value && onChoose(event.target.value)}
        >
          <option value="">More</option>
          {rest.map((one) => (
            <option key={one.name} value={one.name}>
              {one.tab}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}
