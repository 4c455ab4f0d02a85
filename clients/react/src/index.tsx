/**
 * Footfall for React 18 and 19: the tracker under a provider, and two hooks.
 *
 * The tracker is made once for a page, outside of React: effects that run twice, or before the provider's own, as
 * children's do, lose and double nothing.
 */
import { createContext, createElement, useContext, useEffect, useRef, type ReactElement, type ReactNode } from 'react'
import { footfall, type Consent, type Options, type Properties, type Tracker } from '../../tracker/src/index.js'

export { footfall }
export type { Consent, Options, Properties, Tracker }

/** What components call. */
export type Analytics = Omit<Tracker, 'init' | 'site'>

/** What the provider is told; what it is told later changes nothing any more. */
export interface AnalyticsProviderProps extends Omit<Options, 'api'> {
  children?: ReactNode
  /** Where Footfall is, such as `https://footfall.example.com`; events go to `/batch` there. */
  apiEndpoint: string
  /** The whole URL that batches are posted to, where it is not `/batch`. */
  api?: string | undefined
}

const AnalyticsContext = createContext<Analytics | null>(null)

/** Begins to count the page, each navigation included, and gives the components in it `useAnalytics`. */
export function AnalyticsProvider({ children, apiEndpoint, api, ...options }: AnalyticsProviderProps): ReactElement {
  const first = useRef({ api: api ?? apiEndpoint.replace(/\/$/, '') + '/batch', ...options })
  useEffect(() => {
    footfall.init(first.current)
  }, [])
  return createElement(AnalyticsContext.Provider, { value: footfall }, children)
}

/** `track`, `pageview`, `identify` and what else a page may call; always the same object. */
export function useAnalytics(): Analytics {
  const analytics = useContext(AnalyticsContext)
  if (!analytics) throw new Error('useAnalytics must be used within AnalyticsProvider')
  return analytics
}

/**
 * Names the page that is shown by a path of your own, such as its route's pattern: the view that the provider counts, and
 * the page's events, are under it. It says so each time the component renders, and only for the address it renders at, so
 * pages that name nothing are counted as they are. Without a path nothing changes.
 *
 * A route that renders more than a quarter of a second after the address changes comes too late, as its view is sent
 * then. With `off="pageview"` on the provider views wait for their names, and pages without one are not counted.
 */
export function usePageTracking(path?: string, title?: string): void {
  const { name } = useAnalytics()
  // Without a list of what it depends on: two pages of one pattern differ in nothing that this component is given.
  useEffect(() => {
    if (path !== undefined) name(path, title)
  })
}
