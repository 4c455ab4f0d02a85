import { useEffect, useState } from 'react'
import { apiKey, onKeyRefused } from '../api'
import { useAddress } from '../address'
import { byKey } from '../reader'
import { useSites } from '../sites'
import { Login, UNKNOWN_KEY } from './Login'
import { Page } from './Page'
import { Trouble } from './Trouble'

/** The dashboard: the way in, or what is behind it. */
export function App() {
  const [entered, setEntered] = useState(() => apiKey.get() !== '')
  const [said, setSaid] = useState('')
  const leave = (words: string) => {
    apiKey.clear()
    setSaid(words)
    setEntered(false)
  }
  return entered ? <Inside onLeave={leave} /> : <Login said={said} onEnter={() => setEntered(true)} />
}

const ENDED = 'This key no longer works: it was revoked, or its site is gone. Sign in with another.'

function Inside({ onLeave }: { onLeave: (words: string) => void }) {
  const { state, ignored, go } = useAddress()
  const { known, site, error, refresh } = useSites(state.site)
  const refused = error?.status === 401
  useEffect(() => onKeyRefused(() => onLeave(apiKey.worked() ? ENDED : UNKNOWN_KEY)), [])
  return (
    <Page state={state} ignored={ignored} go={go} site={site} sites={known?.sites ?? []} reader={byKey(known?.admin ?? false, known?.path ?? '')} onSignOut={() => onLeave('')}>
      {error && !refused && (
        <Trouble error={error} onRetry={error.status === 403 ? undefined : refresh}>
          {error.status === 403 && (
            <button type="button" onClick={() => onLeave('')}>
              Sign in with another key
            </button>
          )}
          {state.site && error.status !== 403 && (
            <button type="button" onClick={() => go({ site: '' })}>
              Show the usual site
            </button>
          )}
        </Trouble>
      )}
      {!error && known && state.site && (
        <div className="trouble" role="alert">
          <p>
            This key has no access to <bdi>{state.site}</bdi>, or there is no such site.
          </p>
          <button type="button" onClick={() => go({ site: '' })}>
            Show the usual site
          </button>
        </div>
      )}
      {!error && !known && <div className="skeleton page-skeleton" role="status" aria-label="Loading" />}
    </Page>
  )
}
