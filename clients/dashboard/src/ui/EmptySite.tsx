import { useState } from 'react'
import { useGet, useQuery } from '../answers'
import { withParameters } from '../api'
import type { Realtime } from '../live'
import type { Reader } from '../reader'
import type { Site } from '../sites'
import { Copy } from './Copy'
import { useEvery } from './Header'

interface Keys {
  keys: { scope: string; key?: string; revoked_at: string | null }[]
}

/** A site without any data yet: what to put into its pages, and the first pageview when it comes. */
export function EmptySite({ site, reader, onData }: { site: Site; reader: Reader; onData: () => void }) {
  const { admin, path } = reader
  const { answer } = useGet<Keys>(admin ? `sites/${encodeURIComponent(site.id)}/keys` : null)
  const [again, setAgain] = useState(0)
  const key = answer?.keys.find((one) => one.scope === 'write' && one.key && !one.revoked_at)?.key ?? 'WRITE KEY'
  const snippet = `<script defer data-site="${key}" src="${location.origin}${path}/f.js"></script>`
  useEvery(3000, () => setAgain((times) => times + 1))
  const { answer: live } = useGet<Realtime>(`${withParameters('realtime', { site: site.id })}&${again}`)
  const first = live?.pages[0]
  return (
    <main id="main" className="empty">
      <h1>No data yet</h1>
      <p>Put this line into the pages of {site.name || site.id}, before the end of their head:</p>
      <Copy text={snippet} label="the line" main />
      <p role="status">{first ? `First pageview: ${first.path}` : 'Waiting for the first pageview…'}</p>
      {first ? (
        <button type="button" onClick={onData}>
          Show the numbers
        </button>
      ) : (
        <p className="quiet">
          Nothing comes? Ad blockers keep some browsers from loading such scripts; from a terminal this sends one pageview:{' '}
          <code>{`curl ${location.origin}/pageview -H 'X-Write-Key: ${key}' -d '{"anonymousId":"me","page":{"path":"/hello"}}'`}</code>
        </p>
      )}
    </main>
  )
}

/** Whether the site has any event at all; null while nobody knows. */
export function useIsEmpty(ask: boolean, site: string): boolean | null {
  const { answer } = useQuery(ask ? { ...(site && { site }), metrics: ['events'], date_range: 'all', bots: 'include' } : null)
  return ask && answer ? answer.results[0]?.metrics[0] === 0 : null
}
