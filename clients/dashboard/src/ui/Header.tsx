import { useEffect, useRef, useState } from 'react'
import { addressOf, type Go } from '../address'
import { count } from '../format'
import { watch } from '../live'
import type { Site } from '../sites'
import { USUAL, type State } from '../state'
import { useTheme, type Theme } from '../theme'

interface Props {
  state: State
  site: Site | null
  sites: readonly Site[]
  go: Go
  onHelp: () => void
  onSignOut: () => void
}

const THEMES: [Theme, string, string][] = [
  ['system', 'M8 2a6 6 0 0 1 0 12z', 'as the system'],
  ['light', '', 'light'],
  ['dark', 'M8 2a6 6 0 0 1 0 12A6 6 0 0 1 8 2z', 'dark'],
]

/** The site, who is here now, the theme, help and the way out. */
export function Header({ state, site, sites, go, onHelp, onSignOut }: Props) {
  const [theme, setTheme] = useTheme()
  const at = THEMES.findIndex(([name]) => name === theme)
  const [, sign, words] = THEMES[at]!
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
        site && <span className="site">{site.name || site.id}</span>
      )}
      <span className="gap" />
      {site && <Now key={site.id} state={state} go={go} />}
      <button type="button" className="icon" title={`Colours: ${words}`} aria-label={`Colours: ${words}. Change`} onClick={() => setTheme(THEMES[(at + 1) % 3]![0])}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d={sign} fill="currentColor" />
        </svg>
      </button>
      <button type="button" className="icon" title="Keys and meanings" aria-label="Help" aria-haspopup="dialog" onClick={onHelp}>
        ?
      </button>
      <button type="button" className="icon" title="Sign out" aria-label="Sign out" onClick={onSignOut}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M6 2.5H3v11h3M6.5 8H14M11 5l3 3-3 3" fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </button>
    </header>
  )
}

function Now({ state, go }: { state: State; go: Go }) {
  const [active, setActive] = useState<number | null>(null)
  useEffect(() => watch(state.site, (message) => message.type === 'realtime' && setActive(message.activeUsers), () => {}, 30_000), [state.site])
  const live = state.view === 'live'
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
