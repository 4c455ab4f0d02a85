import { useEffect, useState } from 'react'
import type { ApiError } from '../api'
import { clockTime, count, counted } from '../format'
import { watch, type Happened, type Realtime } from '../live'
import { nameOf } from '../names'
import type { Go } from '../address'
import type { State } from '../state'
import { toggle } from '../filters'
import { explain } from './Trouble'

/** So many of the last events are shown. */
const SHOWN = 12

/** Who is here now, the pageviews of the last half hour, and what happens as it does. */
export function Live({ state, zone, go }: { state: State; zone: string; go: Go }) {
  const [told, setTold] = useState<Realtime | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [atOnce, setAtOnce] = useState(false)
  const [events, setEvents] = useState<readonly Numbered[]>([])
  useEffect(() => {
    let number = 0
    return watch(state.site, {
      take: setTold,
      fail: setError,
      live: setAtOnce,
      happened: (event) => setEvents((now) => [{ ...event, number: number++ }, ...now].slice(0, SHOWN)),
    })
  }, [state.site])
  const highest = Math.max(1, ...(told?.perMinute ?? []))
  const views = told?.perMinute.reduce((sum, one) => sum + one, 0) ?? 0
  return (
    <main id="main" className="live">
      <div className="back">
        <button type="button" className="quiet-button" onClick={() => go({ view: 'overview' })}>
          <span aria-hidden="true">←</span> Overview
        </button>
      </div>
      {error && <p role="alert">{explain(error)}</p>}
      <h1>
        <b className="huge">{told ? count(told.activeUsers) : '–'}</b> {told?.activeUsers === 1 ? 'visitor' : 'visitors'} now
      </h1>
      <p className="quiet">
        Active in the last 5 minutes{told && `, with ${counted(told.pageviewsLast5Min, 'pageview')}`}
        {told?.meta.approximate && ' (approximate)'}
        {told && (error ? ' · the last numbers that came' : atOnce ? ' · as it happens' : ' · looked up every 5 seconds')}
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
            <span>{counted(views, 'pageview')}</span>
            <span>now</span>
          </figcaption>
        </figure>
      )}
      {told && (
        <section className="panel">
          <h2>Pages being read</h2>
          {told.pages.length === 0 ? (
            <p className="none">Nobody is here right now. {error ? '' : atOnce ? 'Whoever comes is shown at once.' : 'This page looks again every 5 seconds.'}</p>
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
      {events.length > 0 && (
        <section className="panel happening">
          <h2>As it happens</h2>
          <ol aria-label="The last events, newest first">
            {events.map((event) => (
              <li key={event.number}>
                <time dateTime={event.at}>{clockTime(event.at, zone)}</time>
                <span className="what">
                  {event.event !== 'pageview' && (
                    <>
                      <b>
                        <bdi>{event.event}</bdi>
                      </b>{' '}
                    </>
                  )}
                  <bdi>{event.page}</bdi>
                </span>
                <span className="quiet">
                  {[event.country && nameOf('country', event.country), event.device && nameOf('device', event.device)].filter(Boolean).join(' · ')}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </main>
  )
}

/** An event and its place among those that came. */
type Numbered = Happened & { number: number }
