/** The HTTP API: the key of this session or the token of a shared link, requests, and what their failures say. */

import { forgetAll, keep, kept } from './kept'

const KEY = 'footfall.key'
const WORKED = 'footfall.worked'

/** What the API, or the way to it, answered instead of numbers. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message)
  }
}

/** The API key, kept until the tab is closed, and nowhere else. */
export const apiKey = {
  get: () => kept(KEY),
  set: (key: string) => keep(KEY, key),
  clear: forgetAll,
  /** Whether it was answered before, in this tab: one that is refused then no longer works, any other never did. */
  worked: () => kept(WORKED) !== '',
}

/** A key in the address's fragment is taken, and leaves the address and the history; whether there was one. */
export function takeKeyFromAddress(): boolean {
  const found = /^#(?:.*&)?key=([^&]+)/.exec(location.hash)
  if (!found) return false
  history.replaceState(null, '', location.pathname + location.search)
  let key: string
  try {
    key = decodeURIComponent(found[1]!)
  } catch {
    return false
  }
  if (key !== apiKey.get()) apiKey.clear()
  apiKey.set(key)
  return true
}

let link: { token: string; ended: () => void } | null = null

/** From now on requests carry the token of a shared link and never a key; `ended` is told when it is refused. */
export function readByLink(token: string, ended: () => void): void {
  link = { token, ended }
}

let refused: (() => void) | null = null

/** Tell whenever the key is refused, until the returned function is called. */
export function onKeyRefused(tell: () => void): () => void {
  refused = tell
  return () => {
    refused = null
  }
}

export interface Options {
  /** GET without a body, POST with one, unless it is told. */
  method?: 'DELETE'
  body?: unknown
  signal?: AbortSignal | undefined
  text?: boolean
  /** Ask as nobody. */
  keyless?: true
}

/** One request. Raises ApiError; an AbortError passes. */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const by = options.keyless ? null : link
  const key = apiKey.get()
  const headers: Record<string, string> = options.keyless ? {} : { Authorization: `Bearer ${by ? by.token : key}` }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(`/${path}`, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'offline', 'The server cannot be reached.')
  }
  if (response.ok && !by && !options.keyless && !apiKey.worked()) keep(WORKED, '1')
  if (response.ok) return (options.text ? response.text() : response.json()) as Promise<T>
  let told: { code?: string; message?: string } = {}
  try {
    told = await response.json()
  } catch {
    // A gateway's own page.
  }
  const wait = Number(response.headers.get('retry-after')) || 0
  if (response.status === 401 && !options.keyless) {
    // Of several that were refused together the first is told, since nobody has that key any more then.
    if (!by && key === apiKey.get()) refused?.()
    else if (by && by === link) by.ended()
  }
  throw new ApiError(response.status, told.code ?? 'unknown', told.message ?? `The server answered ${response.status}.`, wait)
}

/** The parameters of a GET, those that are "" left out. */
export function withParameters(path: string, parameters: Record<string, string>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  return given.length ? `${path}?${new URLSearchParams(given)}` : path
}
