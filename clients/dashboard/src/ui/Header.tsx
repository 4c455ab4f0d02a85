import { useEffect, useRef, useState } from 'react'
import { addressOf, type Go } from '../address'
import { count } from '../format'
import { poll } from '../live'
import type { Reader } from '../reader'
import type { Site } from '../sites'
import { USUAL, type State } from '../state'
import { useTheme, type Theme } from '../theme'

interface Props {
  state: State
  site: Site | null
  sites: readonly Site[]
  reader: Reader
  go: Go
  /** Null for who may not. */
  onShare: (() => void) | null
  onHelp: () => void
  onSignOut: (() => void) | null
}

const THEMES: [Theme, string, string][] = [
  ['system', 'M8 2a6 6 0 0 1 0 12z', 'as the system'],
  ['light', '', 'light'],
  ['dark', 'M8 2a6 6 0 0 1 0 12A6 6 0 0 1 8 2z', 'dark'],
]

/** The site, who is here now, the theme, help and the way out. */
export function Header({ state, site, sites, reader, go, onShare, onHelp, onSignOut }: Props) {
  const [theme, setTheme] = useTheme()
  const at = THEMES.findIndex(([name]) => name === theme)
  const [, sign, words] = THEMES[at]!
  const change = () => {
    setTheme(THEMES[(at + 1) % 3]![0])
    // What was chosen last counts.
    if (state.theme) go({ theme: '' }, true)
  }
  return (
    <header className="top">
      <a className="mark" href={addressOf({ ...USUAL, site: state.site })} onClick={(event) => follow(event, () => go({ ...USUAL, site: state.site }))}>
        Footfall
      </a>
      {sites.length > 1 ? (
        <label className="site">
          <span className="unseen">Site</span>
          <select id="site" value={site?.id ?? ''} onChange={(event) => go({ ...USUAL, period: state.period, start: state.start, end: state.end, site: event.target.value })}>
            {!site && <option value="">Choose a site</option>}
            {sites.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name || one.id}
              </option>
            ))}
          </select>
        </label>
      ) : (
        site && (
          <span className="site">
            <bdi>{site.name || site.id}</bdi>
            {reader.link?.name && (
              <>
                {' · '}
                <bdi>{reader.link.name}</bdi>
              </>
            )}
          </span>
        )
      )}
      <span className="gap" />
      {site && reader.live && <Now key={site.id} state={state} go={go} />}
      {onShare && (
        <button type="button" className="icon" title="Share" aria-label="Share" aria-haspopup="dialog" onClick={onShare}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 10V2M5 4.5 8 1.5l3 3M4 7.5H2.5v6.5h11V7.5H12" fill="none" stroke="currentColor" strokeWidth="1.4" />
          </svg>
        </button>
      )}
      <button type="button" className="icon" title={`Colours: ${words}`} aria-label={`Colours: ${words}. Change`} onClick={change}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d={sign} fill="currentColor" />
        </svg>
      </button>
      <button type="button" className="icon" title="Keys and meanings" aria-label="Help" aria-haspopup="dialog" onClick={onHelp}>
        ?
      </button>
      {onSignOut && (
        <button type="button" className="icon" title="Sign out" aria-label="Sign out" onClick={onSignOut}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M6 2.5H3v11h3M6.5 8H14M11 5l3 3-3 3" fill="none" stroke="currentColor" strokeWidth="1.4" />
          </svg>
        </button>
      )}
    </header>
  )
}

function Now({ state, go }: { state: State; go: Go }) {
  const [active, setActive] = useState<number | null>(null)
  const live = state.view === 'live'
  useEffect(() => {
    // There it is told at once, and twice would be two numbers.
    setActive(null)
    return live ? undefined : poll(state.site, (now) => setActive(now.activeUsers), () => {}, 30_000)
  }, [state.site, live])
  return (
    <a
      className={`now ${active ? 'some' : ''}`}
      href={addressOf({ view: live ? 'overview' : 'live' })}
      aria-current={live ? 'page' : undefined}
      title="Visitors of the last 5 minutes"
      onClick={(event) => follow(event, () => go({ view: live ? 'overview' : 'live' }))}
    >
      <i aria-hidden="true" />
      {active === null ? (
        'Live'
      ) : (
        <span>
          {count(active)} <span className="word">now</span>
        </span>
      )}
    </a>
  )
}

/** A click on a link of the page stays on the page; one that opens a tab is the browser's. */
export function follow(event: React.MouseEvent, then: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  then()
}

/** Runs a function whenever this much time has passed while the page is seen. */
export function useEvery(ms: number, run: () => void): void {
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && latest.current(), ms)
    return () => clearInterval(timer)
  }, [ms])
}
