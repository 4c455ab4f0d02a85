import { useEffect, useState } from 'react'
import type { ApiError } from '../api'
import { count } from '../format'
import { watch, type Realtime } from '../live'
import type { Go } from '../address'
import type { State } from '../state'
import { toggle } from '../filters'
import { explain } from './Trouble'

/** Who is here now, and the pageviews of the last half hour. */
export function Live({ state, go }: { state: State; go: Go }) {
  const [told, setTold] = useState<Realtime | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => watch(state.site, (message) => message.type === 'realtime' && setTold(message), setError), [state.site])
  const highest = Math.max(1, ...(told?.perMinute ?? []))
  const views = told?.perMinute.reduce((sum, one) => sum + one, 0) ?? 0
  return (
    <main id="main" className="live">
      <div className="back">
        <button type="button" className="quiet-button" onClick={() => go({ view: 'overview' })}>
          ← Overview
        </button>
      </div>
      {error && <p role="alert">{explain(error)}</p>}
      <h1>
        <b className="huge">{told ? count(told.activeUsers) : '–'}</b> {told?.activeUsers === 1 ? 'visitor' : 'visitors'} now
      </h1>
      <p className="quiet">
        Active in the last 5 minutes{told && `, with ${count(told.pageviewsLast5Min)} pageviews`}
        {told?.meta.approximate && ' (approximate)'}
      </p>
      {told && (
        <figure className="minutes">
          <div role="img" aria-label={`Pageviews a minute of the last 30 minutes: ${told.perMinute.join(', ')}`}>
            {told.perMinute.map((one, index) => (
              <i key={index} style={{ height: `${(one / highest) * 100}%` }} title={`${29 - index} min ago: ${one}`} />
            ))}
          </div>
          <figcaption className="quiet">
            <span>30 min ago</span>
            <span>{count(views)} pageviews</span>
            <span>now</span>
          </figcaption>
        </figure>
      )}
      {told && (
        <section className="panel">
          <h2>Pages being read</h2>
          {told.pages.length === 0 ? (
            <p className="none">Nobody is here right now. This page looks again every 5 seconds.</p>
          ) : (
            <table className="rows">
              <caption className="unseen">Visitors by page, last 5 minutes</caption>
              <thead>
                <tr>
                  <th scope="col">Page</th>
                  <th scope="col">Visitors</th>
                </tr>
              </thead>
              <tbody>
                {told.pages.map((page) => (
                  <tr key={page.path} style={{ '--share': `${(page.activeUsers / Math.max(1, told.activeUsers)) * 100}%` } as object}>
                    <th scope="row">
                      <span className="value">
                        <button type="button" className="name" onClick={() => go({ view: 'overview', filters: toggle([], 'page', page.path) })}>
                          <bdi>{page.path}</bdi>
                        </button>
                      </span>
                    </th>
                    <td>{count(page.activeUsers)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
    </main>
  )
}
