import { useEffect, useState, type MouseEvent, type ReactNode } from 'react'
import type { Go } from '../address'
import type { Reader } from '../reader'
import type { Site } from '../sites'
import type { State } from '../state'
import { useKeys } from '../theme'
import { Header } from './Header'
import { Help } from './Help'
import { Live } from './Live'
import { Overview } from './Overview'
import { Share } from './Share'

interface Props {
  state: State
  ignored: string[]
  go: Go
  site: Site | null
  sites: readonly Site[]
  reader: Reader
  /** Null where there is nothing to sign out of. */
  onSignOut: (() => void) | null
  /** What is shown while there is no site. */
  children?: ReactNode
}

/** One page of a site, with what stands above it; in a frame without that. */
export function Page({ state, ignored, go, site, sites, reader, onSignOut, children }: Props) {
  const [helping, setHelping] = useState(false)
  const [sharing, setSharing] = useState(false)
  const [keys] = useKeys()
  const live = reader.live && state.view === 'live'
  const embedded = reader.link !== null && state.embed === '1'
  useEffect(() => {
    document.title = site ? `${site.name || site.id} · Footfall` : 'Footfall'
  }, [site])
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!keys || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, select, textarea, dialog')) return
      if (event.key === '?') setHelping(true)
      else if (event.key === 'r' && reader.live) go({ view: live ? 'overview' : 'live' })
      else if (event.key === 's' && document.getElementById('site')) document.getElementById('site')!.focus()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
  return (
    <>
      {!embedded && (
        <>
          <a className="skip" href="#main" onClick={toMain}>
            To the numbers
          </a>
          <Header
            state={state}
            site={site}
            sites={sites}
            reader={reader}
            go={go}
            onShare={site && reader.admin ? () => setSharing(true) : null}
            onHelp={() => setHelping(true)}
            onSignOut={onSignOut}
          />
        </>
      )}
      {!site && <main id="main">{children}</main>}
      {site &&
        (live ? (
          <Live key={site.id} state={state} zone={site.timezone} go={go} />
        ) : (
          <Overview key={site.id} state={state} ignored={ignored} go={go} site={site} reader={reader} covered={helping || sharing} />
        ))}
      {helping && <Help onClose={() => setHelping(false)} />}
      {sharing && site && <Share site={site} state={state} onClose={() => setSharing(false)} />}
    </>
  )
}

/** Past what stands above the numbers, to the first thing among them that can be used. */
function toMain(event: MouseEvent): void {
  event.preventDefault()
  const main = document.getElementById('main')!
  const first = main.querySelector<HTMLElement>('a, button:not(:disabled), select') ?? main
  main.scrollIntoView()
  if (first === main) main.tabIndex = -1
  first.focus()
}
