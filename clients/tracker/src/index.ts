/** The tracker as a module: calls wait until `init`, and do nothing where there is no page, as on a server. */
import { start } from './tracker.js'
import type { Consent, Footfall, Options, Properties } from './types.js'

export type { Consent, Footfall, Options, Properties }

/** How the tracker is begun: where batches are posted to has to be said. */
export interface Settings extends Options {
  api: string
}

/** The tracker of this page, which may be called before it is begun. */
export interface Tracker extends Footfall {
  /** Begin to count; what was called before follows in order. Only the first call counts. */
  init(settings: Settings): void
}

type Method = Exclude<keyof Footfall, 'site'>
type Queued = [Method, unknown[]]

let live: Footfall | undefined
const waiting: Queued[] = []

const call = (tracker: Footfall, [method, given]: Queued): void =>
  (tracker[method] as ((...given: unknown[]) => void) | undefined)?.(...given)

const later =
  (method: Method) =>
  (...given: unknown[]): void => {
    if (live) call(live, [method, given])
    else if (typeof window == 'object') waiting.push([method, given])
  }

export const footfall: Tracker = {
  init(settings) {
    if (live || typeof window == 'undefined') return
    const page = window as { footfall?: Footfall | (Queued[] & { track?: undefined }) }
    const there = page.footfall
    if (there && 'event' in there) {
      // A script of the page, or another copy of this module, counts already.
      live = there
      if (there.site != settings.site) console.warn('footfall counts for ' + there.site + ' already, not for ' + settings.site)
    } else live = page.footfall = start(settings, settings.api)
    for (const queued of [...(Array.isArray(there) ? there : []), ...waiting.splice(0)]) call(live, queued)
  },
  track: later('track'),
  pageview: later('pageview'),
  name: later('name'),
  identify: later('identify'),
  reset: later('reset'),
  consent: later('consent'),
  optOut: later('optOut'),
  event: later('event'),
  get site() {
    return live?.site
  },
}
