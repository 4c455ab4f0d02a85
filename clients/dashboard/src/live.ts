/**
 * Who is here now. What `/realtime` answers comes by asking every few seconds; a socket can bring the same messages: it
 * calls `take` with each, and `stop` ends either.
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

/** A message of the WebSocket, docs/api.md. */
export type Message =
  | ({ type: 'realtime' } & Realtime)
  | { type: 'event'; page: string; country: string; device: string; event: string; at: string }

const EVERY_MS = 5_000
const LONGEST_MS = 60_000

/** Tell what happens now until the returned function is called; a hidden page asks nothing. */
export function watch(
  site: string,
  take: (message: Message) => void,
  fail: (error: ApiError | null) => void,
  every = EVERY_MS,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let wait = every

  const ask = async () => {
    try {
      const told = await call<Realtime>(withParameters('realtime', { site }))
      if (stopped) return
      wait = every
      fail(null)
      take({ type: 'realtime', ...told })
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
