import type { MouseEvent } from 'react'
import { exclude, extend, selects, toggle, type Filter } from '../filters'
import { count, percent } from '../format'
import { linkOf, nameOf } from '../names'
import { ROWS, shownRows, type Answer, type Row } from '../questions'
import type { Go } from '../address'
import { Change } from './Change'

export interface RowActions {
  /** Whether there is anything to compare with. */
  compared: boolean
  filters: readonly Filter[]
  go: Go
  /** A host of the site, for links to its pages. */
  host: string
}

interface Props extends RowActions {
  answer: Answer
  dimension: string
  title: string
  /** The name of the first number. */
  unit: 'Visitors' | 'Events'
  /** How many visitors there are in all: of an event's visitors the share of these is told; null: the share of all events. */
  visitors: number | null
}

/** The rows of a dimension: name, number, share of all, change. */
export function Rows({ answer, dimension, title, unit, visitors, compared, ...actions }: Props) {
  const { rows } = shownRows(answer, dimension, ROWS)
  const highest = Math.max(1, ...rows.map((row) => row.metrics[0] ?? 0))
  const conversion = unit === 'Events' && visitors !== null
  return (
    <table className="rows">
      <caption className="unseen">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{unit}</th>
          <th scope="col">{conversion ? <abbr title="Share of all visitors who did this">Rate</abbr> : 'Share'}</th>
          {compared && <th scope="col">Change</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.dimensions[0]} style={{ '--share': `${((row.metrics[0] ?? 0) / highest) * 100}%` } as object}>
            <th scope="row">
              <Value dimension={dimension} value={row.dimensions[0]!} {...actions} />
            </th>
            <td>{count(row.metrics[0] ?? 0)}</td>
            <td className="quiet">{share(row, conversion, visitors)}</td>
            {compared && (
              <td>
                <Change metric={unit === 'Events' ? 'events' : 'visitors'} now={row.metrics[0] ?? null} before={row.comparison?.metrics[0]} change={row.comparison?.change[0]} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function share(row: Row, conversion: boolean, visitors: number | null): string {
  const told = conversion ? (visitors ? ((row.metrics[1] ?? 0) / visitors) * 100 : null) : row.percentages?.[0]
  return told === null || told === undefined ? '–' : percent(told)
}

/** A value that filters when it is clicked, with Shift as an "or"; beside it what it leads to and the way to exclude it. */
export function Value({ dimension, value, filters, go, host }: Omit<RowActions, 'compared'> & { dimension: string; value: string }) {
  const name = nameOf(dimension, value)
  const link = linkOf(dimension, value, host)
  const chosen = selects(filters, dimension, value)
  const click = (event: MouseEvent) => {
    const change = event.shiftKey ? extend : toggle
    go({ filters: change(filters, dimension, value), detail: '' })
  }
  return (
    <span className="value">
      <button type="button" className="name" aria-pressed={chosen} title={`${name}\nClick: only this. Shift and click: this too.`} onClick={click}>
        <bdi>{name}</bdi>
      </button>
      <span className="more">
        {link && (
          <a className="icon" href={link} target="_blank" rel="noopener noreferrer" aria-label={`Open ${name}`} title="Open in a new tab">
            ↗
          </a>
        )}
        <button
          type="button"
          className="icon"
          aria-label={`Exclude ${name}`}
          title="Exclude"
          onClick={() => go({ filters: exclude(filters, dimension, value), detail: '' })}
        >
          ≠
        </button>
      </span>
    </span>
  )
}
