import { useEffect, useState } from 'react'
import { useQuery } from '../answers'
import { titleOf } from '../dimensions'
import { count, counted, percent, value } from '../format'
import { listed, LISTED } from '../listed'
import { info, type Metric } from '../metrics'
import { isNamed } from '../names'
import { rowMetrics, rowsOf, type Query } from '../questions'
import type { State } from '../state'
import { Change } from './Change'
import { Dialog } from './Dialog'
import { csvMetrics, CsvButton, onlyNamed } from './Panel'
import { Value, type RowActions } from './Rows'
import { explain } from './Trouble'

const PAGE = 50

interface Props extends RowActions {
  dimension: string
  state: State
  now: string
  site: string
  onClose: () => void
}

/** All rows of a dimension with all metrics: searched and sorted by the store. */
export function Detail({ dimension, state, now, site, compared, onClose, ...actions }: Props) {
  const metrics = csvMetrics(dimension)
  const first = rowMetrics(dimension)[0]!
  const [search, setSearch] = useState('')
  const [settled, settle] = useState('')
  const [order, setOrder] = useState<[string, 'asc' | 'desc']>([first, 'desc'])
  const [limit, setLimit] = useState(PAGE)
  useEffect(() => {
    const timer = setTimeout(() => settle(search), 150)
    return () => clearTimeout(timer)
  }, [search])
  // What is shown by another name than the store has is searched and sorted here, by that name.
  const named = isNamed(dimension)
  const asked = onlyNamed(rowsOf(state, now, dimension, metrics, named ? LISTED : limit))
  const query: Query = {
    ...asked,
    filters: [...(asked.filters ?? []), ...(settled && !named ? [['contains', dimension, [settled], { case_sensitive: false }]] : [])],
    order_by: [named && order[0] === dimension ? [first, 'desc'] : order],
  }
  const { answer, error, loading } = useQuery(query)
  const found = answer && (named ? listed(answer.results, dimension, settled, order) : answer.results)
  const total = (named ? found?.length : answer?.meta.total_rows) ?? 0
  const rows = found?.slice(0, limit) ?? []
  const at = metrics.indexOf(first)
  const sort = (name: string) => {
    setOrder(([was, way]) => [name, was === name ? (way === 'desc' ? 'asc' : 'desc') : name === dimension ? 'asc' : 'desc'])
    setLimit(PAGE)
  }
  const head = (name: string, title: string) => (
    <th key={name} scope="col" aria-sort={order[0] === name ? (order[1] === 'asc' ? 'ascending' : 'descending') : undefined}>
      <button type="button" onClick={() => sort(name)}>
        {title}
        <span aria-hidden="true">{order[0] === name ? (order[1] === 'asc' ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  )
  return (
    <Dialog title={titleOf(dimension)} className="wide" onClose={onClose}>
      <div className="tools">
        <label>
          <span className="unseen">Search</span>
          <input
            type="search"
            placeholder={`Search ${titleOf(dimension).toLowerCase()}`}
            autoComplete="off"
            spellCheck={false}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value)
              setLimit(PAGE)
            }}
          />
        </label>
        <span role="status" className="quiet">
          {answer && counted(total, 'row')}
        </span>
        <CsvButton name={`${site}-${dimension}`} query={{ ...asked, metrics }} what={titleOf(dimension)} />
      </div>
      {error && <p role="alert">{explain(error)}</p>}
      <div className="scroll" tabIndex={0} role="region" aria-label={`Rows of ${titleOf(dimension)}`} aria-busy={loading}>
        {!answer && !error && <div className="skeleton rows-skeleton" />}
        {answer && (
          <table className="rows">
            <caption className="unseen">{titleOf(dimension)}, all metrics</caption>
            <thead>
              <tr>
                {head(dimension, titleOf(dimension))}
                {metrics.map((name) => head(name, name === 'events' ? 'Events' : info(name as Metric).title))}
                <th scope="col">Share</th>
                {compared && head(`change:${first}`, 'Change')}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.dimensions[0]}>
                  <th scope="row">
                    <Value dimension={dimension} value={row.dimensions[0]!} {...actions} />
                  </th>
                  {metrics.map((name, index) => (
                    <td key={name}>{value(row.metrics[index], name === 'events' ? 'count' : info(name as Metric).kind)}</td>
                  ))}
                  <td className="quiet">{typeof row.percentages?.[at] === 'number' ? percent(row.percentages[at]) : '–'}</td>
                  {compared && (
                    <td>
                      <Change metric={first as Metric | 'events'} now={row.metrics[at] ?? null} before={row.comparison?.metrics[at]} change={row.comparison?.change[at]} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {answer && total > rows.length && (
          <button type="button" className="more-rows" disabled={loading} onClick={() => setLimit(limit + 200)}>
            Show more of {count(total)}
          </button>
        )}
        {answer && rows.length === 0 && <p className="none">{settled ? `Nothing contains “${settled}”.` : 'Nothing matches these filters.'}</p>}
      </div>
    </Dialog>
  )
}
