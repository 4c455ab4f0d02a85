/**
 * Who is here now, and what happens: by a WebSocket that is kept open, and while there is none by asking every few seconds.
 *
 * A ticket opens a socket (docs/api.md): it travels in the address, which a key must not. A socket is pinged, since the numbers come as
 * the answer, and replaced before its time is over, so that nobody sees a gap. One that is refused or cut is tried again, ever later;
 * meanwhile the same numbers are asked for. A hidden page has neither.
 */

import { ApiError, call, withParameters } from './api'

export interface Realtime {
  activeUsers: number
  pageviewsLast5Min: number
  pages: { path: string; activeUsers: number }[]
  /** Pageviews of the last 30 minutes, oldest first. */
  perMinute: number[]
  meta: { site: string; at: string; approximate?: boolean }
}

/** What somebody did a moment ago. */
export interface Happened {
  page: string
  /** ISO 3166-1, "" where nobody knows. */
  country: string
  device: string
  /** `pageview`, `screen`, or the name of a tracked event. */
  event: string
  /** The moment, ISO 8601. */
  at: string
}

/** A message of the socket. */
export type Message = ({ type: 'realtime' } & Realtime) | ({ type: 'event' } & Happened) | { type: 'error'; code: string }

export interface Watcher {
  take: (now: Realtime) => void
  happened?: (event: Happened) => void
  /** Why nothing comes; null when it comes again. */
  fail: (error: ApiError | null) => void
  /** Whether a socket brings the numbers; without one they are asked for. */
  live?: (on: boolean) => void
}

const POLL_MS = 5_000
const LONGEST_MS = 60_000
const PING_MS = 30_000
/** A socket lasts a quarter of an hour. */
const LAST_MS = 14 * 60_000
/** A socket that says nothing for so long is none any more. */
const SILENT_MS = 2 * PING_MS
/** How long a socket may take to open and to answer for the first time. */
const OPEN_MS = 10_000
/** Who looks is not kept waiting for so long by a socket. */
const PATIENCE_MS = 2_000
/** There are no sockets here, or not for this reader. */
const NEVER = [403, 404, 405]
/** The waits between tries grow from the first to the last. */
const RETRY_MS = [1_000, 30_000] as const

interface Ticket {
  ticket: string
  url: string
}

/** Tell what happens now until the returned function is called. */
export function watch(site: string, watcher: Watcher): () => void {
  let stop: (() => void) | null = null
  const seen = () => {
    stop?.()
    stop = document.hidden ? null : watchSeen(site, watcher)
  }
  document.addEventListener('visibilitychange', seen)
  seen()
  return () => {
    stop?.()
    document.removeEventListener('visibilitychange', seen)
  }
}

/** Ask every so often who is here now; a hidden page asks nothing. */
export function poll(site: string, take: Watcher['take'], fail: Watcher['fail'], every = POLL_MS): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let wait = every

  const ask = async () => {
    try {
      const told = await call<Realtime>(withParameters('realtime', { site }))
      if (stopped) return
      wait = every
      fail(null)
      take(told)
    } catch (error) {
      if (stopped || !(error instanceof ApiError)) return
      wait = Math.min(LONGEST_MS, Math.max(error.retryAfter * 1000, wait * 2))
      fail(error)
    }
    if (!document.hidden) timer = setTimeout(ask, wait)
  }
  const seen = () => {
    clearTimeout(timer)
    if (!document.hidden) void ask()
  }
  document.addEventListener('visibilitychange', seen)
  seen()
  return () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
}

/** Watch while the page is seen. */
function watchSeen(site: string, watcher: Watcher): () => void {
  let stopped = false
  let polling: (() => void) | null = null
  // The last is the one that counts; one before it brings numbers until that does.
  let sockets: (() => void)[] = []
  let connecting = false
  let tries = 0

  const pollInstead = () => {
    watcher.live?.(false)
    polling ??= poll(site, watcher.take, watcher.fail)
  }
  let timer = setTimeout(pollInstead, PATIENCE_MS)
  const connect = async () => {
    if (connecting) return
    connecting = true
    try {
      const ticket = await call<Ticket>('realtime/ticket', { body: site ? { site } : {} })
      connecting = false
      if (stopped) return
      const opened = openSocket(ticket, watcher, {
        speaks: () => {
          clearTimeout(timer)
          tries = 0
          leaveOnly(opened)
          polling?.()
          polling = null
          watcher.fail(null)
          watcher.live?.(true)
        },
        over: () => void connect(),
        cut: () => {
          const counts = opened === sockets.at(-1)
          sockets = sockets.filter((one) => one !== opened)
          if (counts && connecting) pollInstead()
          else if (counts) retry()
        },
      })
      sockets.push(opened)
    } catch (error) {
      connecting = false
      if (!(error instanceof ApiError || error instanceof DOMException || error instanceof TypeError)) throw error
      if (!stopped) retry(error instanceof ApiError ? error : null)
    }
  }
  const leaveOnly = (left: (() => void) | null) => {
    for (const close of sockets) if (close !== left) close()
    sockets = left ? [left] : []
  }
  const retry = (error: ApiError | null = null) => {
    leaveOnly(null)
    clearTimeout(timer)
    pollInstead()
    if (error && NEVER.includes(error.status)) return
    const [first, last] = RETRY_MS
    const wait = Math.max((error?.retryAfter ?? 0) * 1000, Math.min(last, first * 2 ** tries++))
    // Pages whose sockets were cut together do not come back together.
    timer = setTimeout(connect, wait * (1 + Math.random() / 2))
  }
  void connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    leaveOnly(null)
    polling?.()
  }
}

interface Fate {
  /** It has brought numbers for the first time. */
  speaks: () => void
  /** Its time is nearly over: open another one. */
  over: () => void
  /** It is of no use any more. */
  cut: () => void
}

/** One socket; the returned function closes it, and then it tells nothing more. */
function openSocket({ ticket, url }: Ticket, watcher: Watcher, fate: Fate): () => void {
  const address = new URL(url)
  address.searchParams.set('ticket', ticket)
  const socket = new WebSocket(address)
  let spoke = false
  let isOver = false
  let done = false
  let silence = setTimeout(() => end(fate.cut), OPEN_MS)
  const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('ping'), PING_MS)
  const age = setTimeout(() => over(), LAST_MS)

  const over = () => {
    if (!isOver) fate.over()
    isOver = true
  }
  const end = (then?: () => void) => {
    if (done) return
    done = true
    clearTimeout(silence)
    clearTimeout(age)
    clearInterval(pings)
    socket.close()
    then?.()
  }
  socket.onopen = () => socket.send('ping')
  socket.onclose = () => end(fate.cut)
  socket.onmessage = ({ data }) => {
    if (done) return
    clearTimeout(silence)
    silence = setTimeout(() => end(fate.cut), SILENT_MS)
    const message = readMessage(data)
    if (message?.type === 'error' && message.code === 'socket_over') {
      // One that is over before it said anything would be followed by others like it.
      if (spoke) over()
      else end(fate.cut)
    } else if (message?.type === 'realtime') {
      if (!spoke) fate.speaks()
      spoke = true
      watcher.take(message)
    } else if (message?.type === 'event') watcher.happened?.(message)
  }
  return () => end()
}

/** A message of ours; null for any other, as API Gateway sends of its own. */
function readMessage(data: unknown): Message | null {
  try {
    const told: unknown = JSON.parse(String(data))
    return typeof told === 'object' && told !== null && 'type' in told ? (told as Message) : null
  } catch {
    return null
  }
}
