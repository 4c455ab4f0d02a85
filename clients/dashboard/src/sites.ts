/** The sites that the session's key reads. */

import { useCallback, useEffect, useState } from 'react'
import { ApiError, call } from './api'
import { keep, kept } from './kept'

export interface Site {
  id: string
  name: string
  domains: readonly string[]
  timezone: string
  is_default: boolean
}

interface Known {
  sites: readonly Site[]
  /** Whether the key may also change what it reads. */
  admin: boolean
  /** Below it pages find the tracker on this host; "" for the host itself. */
  path: string
}

export interface Sites {
  known: Known | null
  /** The site that is looked at; null where the key has none of that id. */
  site: Site | null
  error: ApiError | null
  refresh: () => void
}

const KEPT = 'footfall.sites'

/** The sites of the key, known again at once after a reload; and the one of this id, or the usual one. */
export function useSites(id: string): Sites {
  const [known, setKnown] = useState<Known | null>(keptSites)
  const [error, setError] = useState<ApiError | null>(null)
  const [again, setAgain] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    load(abort.signal).then(
      (told) => {
        keep(KEPT, JSON.stringify(told))
        setKnown(told)
        setError(null)
      },
      (failed: unknown) => {
        if (failed instanceof ApiError) setError(failed)
      },
    )
    return () => abort.abort()
  }, [id, again])
  const refresh = useCallback(() => setAgain((times) => times + 1), [])
  const site = known?.sites.find((one) => (id ? one.id === id : one.is_default)) ?? (id ? null : (known?.sites[0] ?? null))
  return { known, site, error, refresh }
}

function keptSites(): Known | null {
  const text = kept(KEPT)
  return text ? (JSON.parse(text) as Known) : null
}

/** What the key may do, and of which sites. */
async function load(signal: AbortSignal): Promise<Known> {
  const { scope, path, sites } = await call<{ scope: 'read' | 'admin'; path: string; sites: Site[] }>('access', { signal })
  return { sites, admin: scope === 'admin', path }
}
