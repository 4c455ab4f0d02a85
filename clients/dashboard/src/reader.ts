/** What whoever looks at the page may see and do: by the scope of their key, or by what their link lets them. */

import type { Fixed } from './fixed'

export interface Reader {
  /** May make links and write notes. */
  admin: boolean
  /** May see who is here now. */
  live: boolean
  /** Came by a shared link, which has a name. */
  link: { name: string } | null
  /** Filters of the link, which hold for every number. */
  fixed: readonly Fixed[]
  /** Below it pages find the tracker on this host; "" for the host itself. */
  path: string
}

/** A reader with a key. */
export function byKey(admin: boolean, path: string): Reader {
  return { admin, live: true, link: null, fixed: [], path }
}
