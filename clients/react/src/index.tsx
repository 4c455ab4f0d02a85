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

let isByHand = false

/** Begins to count the page, each navigation included, and gives the components in it `useAnalytics`. */
export function AnalyticsProvider({ children, apiEndpoint, api, ...options }: AnalyticsProviderProps): ReactElement {
  const first = useRef({ api: api ?? apiEndpoint.replace(/\/$/, '') + '/batch', ...options })
  useEffect(() => {
    const { off, ...others } = first.current
    footfall.init({ ...others, off: isByHand ? `${off ?? ''} pageview` : off })
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
 * Counts pageviews under a path of your own, such as a route's pattern: each time this path or the page's own changes.
 * The provider then counts none by itself. Without a path nothing changes: the provider counts each navigation.
 *
 * It has to be there when the provider is: a component that is loaded later finds the provider counting, unless that
 * is told `off="pageview"`.
 */
export function usePageTracking(path?: string, title?: string): void {
  const { pageview } = useAnalytics()
  const counted = useRef('')
  // Without a list of what it depends on: two pages of one pattern differ in nothing that this component is given.
  useEffect(() => {
    if (path === undefined) return
    isByHand = true
    const place = `${path} ${location.pathname}`
    // The effect runs twice in development, and the reference lives through it.
    if (counted.current === place) return
    counted.current = place
    pageview(path, title)
  })
}
