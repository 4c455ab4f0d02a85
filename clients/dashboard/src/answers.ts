/** Answers of POST /query for what is on the page: what is missing is asked in one request, what was there stays until it is replaced. */

import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, call } from './api'
import type { Answer, Query } from './questions'

export interface Part {
  answer: Answer | null
  error: ApiError | null
  /** Whether the answer is of an earlier question, while the one of now is on its way. */
  old: boolean
}

export interface Answers {
  part: (name: string) => Part
  /** A request is on its way. */
  loading: boolean
  /** The last request failed as a whole. */
  failure: ApiError | null
  /** When the last answer came (ms), 0 before the first. */
  at: number
  /** How long the last request took (ms), and the rows it read. */
  cost: { ms: number; rows: number }
  /** Ask everything again. */
  refresh: () => void
}

type Told = Answer | { error: { code: string; message: string } }
const KEPT_MS = 60_000

interface Kept {
  told: Told
  at: number
}

/** The answers to questions by name; a question that changes is asked anew, the last request wins. */
export function useAnswers(questions: Record<string, Query>): Answers {
  const kept = useRef(new Map<string, Kept>())
  const last = useRef(new Map<string, Answer>())
  const [status, setStatus] = useState({ loading: true, failure: null as ApiError | null, at: 0, cost: { ms: 0, rows: 0 } })
  const [again, setAgain] = useState(0)
  const asked = JSON.stringify(questions)

  useEffect(() => {
    const names = Object.keys(questions)
    const old = performance.now() - KEPT_MS
    for (const [key, one] of kept.current) if (one.at < old) kept.current.delete(key)
    const missing = names.filter((name) => !kept.current.has(JSON.stringify(questions[name])))
    if (missing.length === 0) {
      for (const name of names) remember(name)
      setStatus((now) => ({ ...now, loading: false, failure: null }))
      return
    }
    const abort = new AbortController()
    const began = performance.now()
    setStatus((now) => ({ ...now, loading: true }))
    call<Told[]>('query', { body: missing.map((name) => questions[name]), signal: abort.signal }).then(
      (told) => {
        let rows = 0
        missing.forEach((name, index) => {
          const one = told[index]!
          kept.current.set(JSON.stringify(questions[name]), { told: one, at: performance.now() })
          if (!('error' in one)) rows += one.meta.rows_read
        })
        for (const name of names) remember(name)
        setStatus({ loading: false, failure: null, at: Date.now(), cost: { ms: performance.now() - began, rows } })
      },
      (error: unknown) => {
        if (error instanceof ApiError) setStatus((now) => ({ ...now, loading: false, failure: error }))
        else if (!abort.signal.aborted) throw error
      },
    )
    return () => abort.abort()

    function remember(name: string) {
      const found = kept.current.get(JSON.stringify(questions[name]))
      if (found && !('error' in found.told)) last.current.set(name, found.told)
    }
    // The text stands for the questions.
  }, [asked, again])

  const part = (name: string): Part => {
    const question = questions[name]
    const found = question && kept.current.get(JSON.stringify(question))
    if (found && 'error' in found.told) {
      return { answer: null, error: new ApiError(422, found.told.error.code, found.told.error.message), old: false }
    }
    if (found) return { answer: found.told as Answer, error: null, old: false }
    const answer = last.current.get(name) ?? null
    // What failed and was never there is not on its way any more.
    return { answer, error: answer || status.loading ? null : status.failure, old: true }
  }
  const refresh = useCallback(() => {
    kept.current.clear()
    setAgain((times) => times + 1)
  }, [])
  return { part, ...status, refresh }
}

/** A single question, for what is opened on demand. */
export function useQuery(query: Query | null): { answer: Answer | null; error: ApiError | null; loading: boolean } {
  const [state, setState] = useState({ answer: null as Answer | null, error: null as ApiError | null, loading: true })
  const asked = JSON.stringify(query)
  useEffect(() => {
    if (!query) return
    const abort = new AbortController()
    setState((now) => ({ ...now, loading: true }))
    call<Answer>('query', { body: query, signal: abort.signal }).then(
      (answer) => setState({ answer, error: null, loading: false }),
      (error: unknown) => {
        if (error instanceof ApiError) setState((now) => ({ ...now, error, loading: false }))
      },
    )
    return () => abort.abort()
  }, [asked])
  return state
}

/** What a GET answers, again whenever its address changes; null while there is none. */
export function useGet<T>(path: string | null): { answer: T | null; error: ApiError | null } {
  const [state, setState] = useState({ path: '', answer: null as T | null, error: null as ApiError | null })
  useEffect(() => {
    if (path === null) return
    const abort = new AbortController()
    call<T>(path, { signal: abort.signal }).then(
      (answer) => setState({ path, answer, error: null }),
      (error: unknown) => {
        if (error instanceof ApiError) setState({ path, answer: null, error })
      },
    )
    return () => abort.abort()
  }, [path])
  return state.path === path ? state : { answer: null, error: null }
}
