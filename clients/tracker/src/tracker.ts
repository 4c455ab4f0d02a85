/**
 * The tracker: what happens on this page becomes events, and each event arrives once.
 *
 * One source, two builds: what stands behind FULL is not in the core. Every visitor loads every byte, so one check
 * answers whatever may have shown a page, and is right because it counts nothing twice.
 */
import type { Consent, Footfall, Options, Properties } from './types.js'

declare const FULL: boolean

/** Where events happen. Its title is read when they are sent: pages set it after they navigate. */
interface Page {
  url: string
  path?: string | undefined
  title?: string
  referrer?: string
}

type Item = Record<string, unknown>

const DELAY = 250
const BATCH = 20
/** A browser lets 64 KiB be under way while a page is left, and a character takes at most three bytes. */
const LONG = 2e4
const STORED = 100
const WAITING = 1e3
const LONGEST = 3e5
const ENGAGED = 1e3
const OUT = 'footfall.out'
const FILES = /\.(7z|csv|dmg|docx?|epub|exe|gz|iso|mp[34]|msi|pdf|pkg|pptx?|rar|txt|wav|xlsx?|zip)$/i

/** A UUID of version 4. On plain http there is no `randomUUID`, but blobs are named by one. */
const uuid = (): string => crypto.randomUUID?.() || URL.createObjectURL(new Blob()).slice(-36)

/** What this browser keeps under a name, after it was set, or removed by ''. Storage may be blocked or full. */
const kept = (value?: string, name = 'footfall'): string | undefined => {
  try {
    if (value) localStorage[name] = value
    else if (value == '') delete localStorage[name]
    return localStorage[name]
  } catch {}
  return
}

/** Begin to count this page; batches are posted to `api`. */
export const start = (options: Options, api: string | URL): Footfall => {
  let queue: Item[] = []
  let under: Item[] = []
  let page = {} as Page
  let counted = ''
  let named: string[] = []
  let referrer = document.referrer
  let sending: unknown
  let wait = 0
  let isOut: unknown
  let isTold: unknown
  let userId: string | undefined
  let seen = 0
  let height = 0
  let engaged = 0
  let since = 0

  /** Where this site's events are kept: another site of the same origin has its own. */
  const kind = FULL ? 'footfall.queue.' + (options.site || '') : ''

  const isListed = (name: string, list = ''): boolean => list.includes(name)

  /** What tells one view from the next. */
  const place = (): string =>
    FULL ? location.pathname + (isListed('query', options.count) ? location.search : '') + route() : location.pathname

  /** The route that a fragment names, where fragments are routes. */
  const route = (): string => {
    if (!isListed('hash', options.count)) return ''
    const hash = location.hash.replace(/^#!?\/?/, '/')
    return isListed('query', options.count) ? hash : hash.split('?')[0]!
  }

  /** The page as it is now. */
  const here = (path?: string, title?: string): Page =>
    FULL
      ? {
          url: location.href.split('#')[0]!,
          path: path || (route() ? location.pathname.replace(/\/$/, '') + route() : undefined),
          title: title!,
          referrer: referrer.split('/')[2] == location.host ? '' : referrer,
        }
      : { url: location.href, referrer }

  const add = (type: string, fields?: Item): void => {
    const id = kept()
    const browser = navigator as { globalPrivacyControl?: unknown; doNotTrack?: unknown }
    // Who agreed to this site has answered more precisely than by a signal to all sites.
    const signals = (browser.globalPrivacyControl || browser.doNotTrack == 1) && !id
    if (FULL) {
      const reasons: Item = {
        signals,
        webdriver: navigator.webdriver,
        localhost: /^(localhost|127\.|\[::1|$)/.test(location.hostname),
        iframe: self != top,
        optOut: isOut || kept(undefined, OUT),
      }
      for (const name in reasons) {
        if (reasons[name] && !isListed(name, options.allow)) {
          if (!isTold) console.info('footfall is off: ' + (isTold = name))
          return
        }
      }
      try {
        // As it is now: pages change what they pass. What is no JSON is lost alone, not with all that waits.
        fields = JSON.parse(JSON.stringify(fields || {}))
      } catch (error) {
        console.warn(error)
        return
      }
    } else if (signals) return
    queue.push({
      type,
      eventId: uuid(),
      timestamp: new Date(),
      anonymousId: id,
      ...(FULL
        ? {
            userId: id && userId,
            // Of a hidden tab no view is counted, but it may have moved on.
            page: page.url && counted == place() ? page : here(),
            context: { consent: id && 'granted', screen: { width: screen.width, height: screen.height } },
          }
        : { page, context: { consent: id && 'granted' } }),
      ...fields,
    })
    sending ||= setTimeout(send, DELAY)
  }

  const entitle = (): unknown => (page.title ||= document.title)

  const mayStore = (): unknown => FULL && (options.offline || kept())

  /** Have what is kept in this browser wait here, before the rest. */
  const take = (): void => {
    try {
      queue = JSON.parse(kept(undefined, kind)!).concat(queue)
    } catch {}
  }

  /**
   * Keep what waits in this browser, and leave it there: the page may end without another word. What is under way waits
   * too: when it fails, nobody may be here to hear it. What is more than that stays in memory.
   */
  const store = (): unknown => {
    queue = under.splice(0).concat(queue)
    take()
    clearTimeout(sending as number)
    sending = 0
    return queue[0] && kept(JSON.stringify(queue.slice(-STORED)), kind) && (queue = queue.slice(0, -STORED))
  }

  /** Send what waits: since it is time, or after an event by which a page is hidden or left. */
  const send = (cause?: string): void => {
    const isLeaving = cause == 'pagehide'
    entitle()
    if (FULL) {
      const isFailing = wait || !navigator.onLine
      if (cause && isFailing && ((mayStore() && store()) || !isLeaving)) return
      if (mayStore()) {
        // Whoever sends it has it alone.
        take()
        kept('', kind)
      }
    }
    sending = clearTimeout(sending as number)
    if ((document as { prerendering?: unknown }).prerendering || !queue[0]) return
    let batch = queue
    queue = FULL ? batch.splice(BATCH) : []
    let body = JSON.stringify({ writeKey: options.site, sentAt: new Date(), batch })
    while (FULL && body[LONG] && batch[1]) {
      queue.unshift(...batch.splice(batch.length >> 1))
      body = JSON.stringify({ writeKey: options.site, sentAt: new Date(), batch })
    }
    if (isLeaving && navigator.sendBeacon(api, body)) {
      if (FULL) send(cause)
      return
    }
    const answered = (answer: any): void => {
      // Chromium counts a no-store answer that nobody reads as under way, of which a page may have 64 KiB: then none is sent.
      if (FULL) answer.text?.().catch(Number)
      else answer.text?.()
      // Emptied, so that what was answered is not kept as under way, and what is kept by now does not wait twice.
      const sent = FULL ? batch.splice(0) : []
      // 5xx, 408, 429, or an error, which has no status: it comes again. Anything else is for good.
      if (!(FULL && isOut) && /^5|408|429|u/.test(answer.status)) {
        queue = (FULL ? sent : batch).concat(queue)
        if (FULL) queue = queue.slice(-WAITING)
        wait = answer.headers?.get('retry-after') * 1e3 || (FULL ? Math.min(wait * 2 || 1e3, LONGEST) : wait * 2 || 1e3)
        if (mayStore()) store()
      } else wait = 0
      if (FULL) clearTimeout(sending as number)
      sending = (FULL ? wait || queue[0] : queue[0]) && setTimeout(send, wait || DELAY)
    }
    if (FULL) under = batch
    sending = fetch(api, { method: 'POST', body, keepalive: !body[LONG] }).then(answered, answered)
    if (isLeaving && mayStore()) {
      // Whether this arrives nobody will hear. It is sent again on the next page, and counts once.
      wait ||= 1e3
      store()
    }
  }

  const view = (path?: string, title?: string, properties?: Properties): void => {
    if (FULL) {
      entitle()
      tell()
      seen = height = engaged = 0
    }
    const isFirst = !counted
    counted = place()
    page = FULL && named[0] == counted ? here(path || named[1], title || named[2]) : here(path, title)
    if (FULL) add('pageview', { properties })
    else add('pageview')
    if (FULL && isFirst && (performance.getEntriesByType('navigation')[0] as any)?.responseStatus == 404) auto('404')
    referrer = ''
  }

  /** Count the page that is shown, if it has not been. What is loaded ahead or in the background is not shown yet. */
  const check = (): void => {
    if (counted != place() && !document.hidden && !(FULL && isListed('pageview', options.off) && named[0] != place())) view()
  }

  /** After a navigation: the title is the old page's still, and a router may redirect until the task is over. */
  const settle = (): void => {
    entitle()
    setTimeout(check)
  }

  const auto = (name: string, properties?: Properties): void => {
    if (!isListed(name, options.off)) add('track', { event: { name, properties } })
  }

  /** Add up how long and how far the page was looked at. */
  const look = (): void => {
    const now = performance.now()
    if (since) engaged += now - since
    since = !document.hidden && document.hasFocus() ? now : 0
    if (counted == place()) {
      seen = Math.max(seen, scrollY + innerHeight)
      height = document.documentElement.scrollHeight
    }
  }

  const tell = (): void => {
    look()
    if (engaged > ENGAGED && !isListed('engagement', options.off)) {
      add('engagement', { page: page.url ? page : undefined, properties: { engaged_ms: engaged | 0, scroll_depth: Math.min(100, ((seen / height) * 100) | 0) || undefined } })
      engaged = 0
    }
  }

  /** A click or a form that is sent. */
  const act = ({ type, target, button }: any): void => {
    look()
    const isForm = type == 'submit'
    const link = isForm ? undefined : target.closest?.('a[href],area[href]')
    const element = isForm ? target : target.closest?.('[data-footfall]:not(form)') || link
    if (!element?.getAttributeNames || button > 1) return
    const properties: Properties = { url: link?.href }
    let own
    for (const name of element.getAttributeNames()) {
      const value = element.getAttribute(name)
      if (name == 'data-footfall') own = value
      else if (/^data-footfall-/.test(name)) properties[name.slice(14)] = value
    }
    if (own) footfall.track(own, properties)
    else if (isForm) auto('form', properties)
    else if (FILES.test(link?.pathname)) auto('download', properties)
    else if (link?.host != location.host && /^http/.test(link?.protocol)) auto('outbound', properties)
  }

  const pulse = ({ type }: Event): void => {
    if (FULL) look()
    check()
    if (type == 'pagehide' || document.hidden) {
      if (FULL) tell()
      send(type)
    } else if (FULL && (type == 'online' || (/^v/.test(type) && !sending))) send()
  }

  const footfall = {
    track(name: string, properties?: Properties) {
      check()
      add('track', { event: { name, properties } })
    },
    event(type: string, fields?: Properties) {
      add(type, fields)
      if (document.hidden) send()
    },
    consent(answer: Consent) {
      kept(answer == 'granted' ? kept() || uuid() : '')
      if (FULL && !kept()) kept('', kind)
    },
    ...(FULL && {
      site: options.site,
      pageview: view,
      name(path: string, title?: string) {
        named = [place(), path, title!]
        check()
        if (counted == named[0]) {
          page.path = path
          page.title = title || page.title!
        }
      },
      identify(id: string, traits?: Properties) {
        userId = id
        if (kept()) add('identify', { traits })
      },
      reset() {
        userId = undefined
        if (kept()) kept(uuid())
      },
      optOut(out = true) {
        isOut = out
        kept(out ? '1' : '', OUT)
        if (out) {
          footfall.consent('denied')
          queue = under = []
        }
      },
    }),
  } as Footfall

  const on: (type: string, listener: (event: any) => void, isCapturing?: boolean) => void = addEventListener
  on('visibilitychange', pulse)
  on('pagehide', pulse)
  on('pageshow', (event) => {
    // A page that comes back as it was left is seen again, and nothing else tells.
    if (event.persisted) {
      counted = ''
      if (FULL && isListed('pageview', options.off)) page.url && view(page.path, page.title)
      check()
    }
  })
  if (FULL) {
    on('scroll', pulse)
    on('focus', pulse)
    on('blur', pulse)
    on('online', pulse)
    on('click', act, true)
    on('auxclick', act, true)
    on('submit', act, true)
  }
  const { navigation } = self as unknown as { navigation?: EventTarget }
  if (navigation) navigation.addEventListener('currententrychange', settle)
  else {
    on('popstate', settle)
    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name]
      history[name] = function (...given) {
        settle()
        return original.apply(this, given)
      }
    }
  }
  if (FULL && options.consent) footfall.consent(options.consent as Consent)
  settle()
  return footfall
}
