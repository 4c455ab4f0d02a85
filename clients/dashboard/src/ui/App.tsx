import { useEffect, useState } from 'react'
import { apiKey } from '../api'
import { useAddress } from '../address'
import { useSites } from '../sites'
import { useKeys } from '../theme'
import { Header } from './Header'
import { Help } from './Help'
import { Live } from './Live'
import { Login } from './Login'
import { Overview } from './Overview'
import { Trouble } from './Trouble'

/** The page: the way in, or what is behind it. */
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

function Inside({ onLeave }: { onLeave: (words: string) => void }) {
  const { state, ignored, go } = useAddress()
  const { known, site, error, refresh } = useSites(state.site)
  const [helping, setHelping] = useState(false)
  const [keys] = useKeys()
  const refused = error?.status === 401
  useEffect(() => {
    if (refused) onLeave('This key no longer works. Sign in with another.')
  }, [refused])
  useEffect(() => {
    document.title = site ? `${site.name || site.id} · Footfall` : 'Footfall'
  }, [site])
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!keys || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, select, textarea, dialog')) return
      if (event.key === '?') setHelping(true)
      else if (event.key === 'r') go({ view: state.view === 'live' ? 'overview' : 'live' })
      else if (event.key === 's' && document.getElementById('site')) document.getElementById('site')!.focus()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.scrollIntoView(); document.querySelector<HTMLElement>('#main button')?.focus() }}>
        To the numbers
      </a>
      <Header state={state} site={site} sites={known?.sites ?? []} go={go} onHelp={() => setHelping(true)} onSignOut={() => onLeave('')} />
      {error && !refused && !site && (
        <Trouble error={error} onRetry={refresh}>
          {state.site && (
            <button type="button" onClick={() => go({ site: '' })}>
              Show the usual site
            </button>
          )}
        </Trouble>
      )}
      {!site && !error && known && state.site && (
        <div className="trouble" role="alert">
          <p>
            This key has no access to <bdi>{state.site}</bdi>, or there is no such site.
          </p>
          <button type="button" onClick={() => go({ site: '' })}>
            Show the usual site
          </button>
        </div>
      )}
      {!site && !error && !known && <div className="skeleton page-skeleton" role="status" aria-label="Loading" />}
      {site &&
        (state.view === 'live' ? (
          <Live key={site.id} state={state} go={go} />
        ) : (
          <Overview key={site.id} state={state} ignored={ignored} go={go} site={site} admin={known?.admin ?? false} covered={helping} />
        ))}
      {helping && <Help onClose={() => setHelping(false)} />}
    </>
  )
}
