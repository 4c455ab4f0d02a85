/** Notes and deploys: what was written at moments of a site's history, and where on the graph these are. */

import { useCallback, useEffect, useState } from 'react'
import { ApiError, call, withParameters } from './api'
import { clock, plusDays, today, type Days, type Interval } from './period'

export interface Note {
  id: string
  /** The moment, ISO 8601. */
  at: string
  text: string
  kind: 'note' | 'deploy'
}

export interface Notes {
  /** Oldest first. */
  notes: readonly Note[]
  error: ApiError | null
  /** Ask again. */
  refresh: () => void
}

const path = (site: string) => `sites/${encodeURIComponent(site)}/annotations`
const NONE: readonly Note[] = []

/** The notes of these days; of all days for null. Those of before stay until the new ones are there. */
export function useNotes(site: string, days: Days | null): Notes {
  const [state, setState] = useState({ notes: NONE, error: null as ApiError | null })
  const [again, setAgain] = useState(0)
  const asked = withParameters(path(site), { start: days?.first ?? '', end: days ? plusDays(days.last, 1) : '' })
  useEffect(() => {
    const abort = new AbortController()
    call<{ data: Note[] }>(asked, { signal: abort.signal }).then(
      (told) => setState({ notes: told.data, error: null }),
      (error: unknown) => {
        if (error instanceof ApiError) setState((now) => ({ ...now, error }))
      },
    )
    return () => abort.abort()
  }, [asked, again])
  const refresh = useCallback(() => setAgain((times) => times + 1), [])
  return { ...state, refresh }
}

/** Write a note at a moment of the site's zone, `YYYY-MM-DDTHH:MM`. Raises ApiError. */
export async function writeNote(site: string, at: string, text: string, kind: Note['kind']): Promise<void> {
  await call(path(site), { body: { at, text, kind } })
}

/** Delete a note. Raises ApiError. */
export async function deleteNote(site: string, id: string): Promise<void> {
  await call(`${path(site)}/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

/** The notes of each bucket of a graph, by its label; `labels` are in order, and the last bucket ends with the notes. */
export function byBucket(notes: readonly Note[], labels: readonly string[], interval: Interval, zone: string): Map<string, Note[]> {
  const found = new Map<string, Note[]>()
  const hours = interval === 'hour'
  const starts = labels.map((label) => (hours ? Date.parse(label) : label.slice(0, 10)))
  for (const note of notes) {
    const moment = Date.parse(note.at)
    const at = hours ? moment : today(moment, zone)
    const index = starts.findLastIndex((start) => start <= at)
    const label = labels[index]
    if (label === undefined) continue
    const of = found.get(label)
    if (of) of.push(note)
    else found.set(label, [note])
  }
  return found
}

/** The moment of a note in the site's zone, as its form takes it. */
export function momentOf(at: number, zone: string): { date: string; time: string } {
  return { date: today(at, zone), time: clock(at, zone) }
}
