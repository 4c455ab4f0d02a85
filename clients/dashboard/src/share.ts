/** A shared link: its id in the page's path, its secret in the fragment, and the token that the secret is changed for. */

import { ApiError, call } from './api'
import { readFixed, type Fixed } from './fixed'
import { forget, keep, kept } from './kept'

/** What the secret of a link is changed for. */
export interface Session {
  token: string
  /** Until when the token reads (ms). */
  expires: number
  name: string
  site: { id: string; name: string; timezone: string }
  /** Filters that hold for every number. */
  fixed: readonly Fixed[]
  /** Whether it may see who is here now, which knows no filters. */
  live: boolean
}

interface Told {
  token: string
  expires: string
  name: string
  site: Session['site']
  filters: readonly unknown[]
}

/** The id of the link whose page this is, null for the dashboard's own page. */
export function shareOf(path: string): string | null {
  const found = /^\/share\/([^/]+)\/?$/.exec(path)
  try {
    return found && decodeURIComponent(found[1]!)
  } catch {
    return found![1]!
  }
}

/** The secret in the fragment, "" for none. It stays there: who keeps the address keeps the link. */
export function secretOf(fragment: string): string {
  return /^#(?:.*&)?k=([^&]+)/.exec(fragment)?.[1] ?? ''
}

const name = (id: string) => `footfall.share.${id}`

/** The session of this link that the tab keeps, null where there is none that still reads. */
export function keptSession(id: string, now: number): Session | null {
  const text = kept(name(id))
  const session = text ? read(JSON.parse(text) as Told) : null
  return session && session.expires > now ? session : null
}

/** The session is over. */
export function forgetSession(id: string): void {
  forget(name(id))
}

/** Change the secret, and the password where there is one, for a session. Raises ApiError. */
export async function openSession(id: string, secret: string, password: string): Promise<Session> {
  const body = { secret, ...(password && { password }) }
  const told = await call<Told>(`shares/${encodeURIComponent(id)}/session`, { body, keyless: true })
  keep(name(id), JSON.stringify(told))
  return read(told)
}

function read(told: Told): Session {
  const { token, name, site, filters } = told
  return { token, expires: Date.parse(told.expires), name, site, fixed: readFixed(filters), live: filters.length === 0 }
}

/** Whether the link wants a password, or another one. */
export function wantsPassword(error: ApiError): boolean {
  return error.code === 'password_needed' || error.code === 'wrong_password' || error.code === 'too_many_tries'
}
