/** The sites that the session's key reads. */

import { useCallback, useEffect, useState } from 'react'
import { ApiError, call, withParameters } from './api'
import { keep, kept } from './kept'
import type { Meta } from './questions'

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
    load(id, abort.signal).then(
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

/** A key with the scope `admin` lists its sites; one that only reads tells of the one it is asked about. */
async function load(id: string, signal: AbortSignal): Promise<Known> {
  try {
    const { sites } = await call<{ sites: Site[] }>('sites', { signal })
    return { sites, admin: true }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
  }
  const { meta } = await call<{ meta: Meta }>(withParameters('metrics', { metrics: 'events', period: 'today', site: id }), { signal })
  const site = { id: meta.site, name: '', domains: [], timezone: meta.timezone, is_default: !id }
  const others = keptSites()?.sites.filter((one) => one.id !== site.id) ?? []
  return { sites: id ? [...others, site] : [site], admin: false }
}
