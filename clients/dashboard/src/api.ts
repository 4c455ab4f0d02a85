/** The HTTP API: the key of this session, requests, and what their failures say. */

const KEY = 'footfall.key'

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
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (key: string) => sessionStorage.setItem(KEY, key),
  clear: () => sessionStorage.clear(),
}

/** A key in the address's fragment is taken, and leaves the address and the history. */
export function takeKeyFromAddress(): void {
  const found = /^#(?:.*&)?key=([^&]+)/.exec(location.hash)
  if (!found) return
  history.replaceState(null, '', location.pathname + location.search)
  let key: string
  try {
    key = decodeURIComponent(found[1]!)
  } catch {
    return
  }
  if (key !== apiKey.get()) apiKey.clear()
  apiKey.set(key)
}

/** One request. Raises ApiError; an AbortError passes. */
export async function call<T>(path: string, options: { body?: unknown; signal?: AbortSignal | undefined; text?: boolean } = {}): Promise<T> {
  const headers: Record<string, string> = { Authorization: `Bearer ${apiKey.get()}` }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(`/${path}`, {
      method: options.body === undefined ? 'GET' : 'POST',
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
  if (response.ok) return (options.text ? response.text() : response.json()) as Promise<T>
  let told: { code?: string; message?: string } = {}
  try {
    told = await response.json()
  } catch {
    // A gateway's own page.
  }
  const wait = Number(response.headers.get('retry-after')) || 0
  throw new ApiError(response.status, told.code ?? 'unknown', told.message ?? `The server answered ${response.status}.`, wait)
}

/** The parameters of a GET, those that are "" left out. */
export function withParameters(path: string, parameters: Record<string, string>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  return given.length ? `${path}?${new URLSearchParams(given)}` : path
}
