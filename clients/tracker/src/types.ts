/** What the tracker takes and offers (docs/tracker.md). */

/** What one knows of an event or a person: texts, numbers, booleans, lists, objects. */
export type Properties = Record<string, unknown>

/** Whether this browser may have an id. */
export type Consent = 'granted' | 'denied'

/** How the tracker is told what to do; the script reads each from its own attribute, `data-<name>`. */
export interface Options {
  /** The site's write key (`ffw_…`). Without one the site is found by the host of its pages. */
  site?: string | undefined
  /** The URL that batches are posted to. The script's default is `batch` beside itself. */
  api?: string | undefined
  /** Parts of a URL besides its path whose change is a view: `query`, `hash`. */
  count?: string | undefined
  /** What is skipped else and shall be counted: `localhost`, `webdriver`, `iframe`, `signals`. */
  allow?: string | undefined
  /** What shall not be sent by itself: `pageview`, `outbound`, `download`, `form`, `404`, `engagement`. */
  off?: string | undefined
  /** What the visitor agreed to before: `granted` or `denied`. */
  consent?: string | undefined
  /** `store`: what could not be sent is kept in this browser without consent, too. */
  offline?: string | undefined
}

/** What a page calls. Nothing here throws, waits or answers. */
export interface Footfall {
  /** Send an event. */
  track(name: string, properties?: Properties): void
  /** Send a pageview: of the page as it is, or under another path and title. */
  pageview(path?: string, title?: string, properties?: Properties): void
  /**
   * Name the page that is shown: its view and its events are under this path and title until its address changes. A view
   * that was sent (after a quarter of a second) keeps its name. With `off: 'pageview'` only named pages are counted.
   */
  name(path: string, title?: string): void
  /** Say who the visitor is. Nothing of it leaves the page without consent. */
  identify(userId: string, traits?: Properties): void
  /** Forget who the visitor is, when somebody logs out: what follows is someone new. */
  reset(): void
  /** Let this browser have an id, or take it away. */
  consent(answer: Consent): void
  /** Count nothing in this browser any more, or (`false`) begin again. */
  optOut(isOut?: boolean): void
  /** Send an event of any type that `/batch` takes, with its fields. */
  event(type: string, fields?: Properties): void
  /** The write key that is sent. */
  readonly site?: string | undefined
}
