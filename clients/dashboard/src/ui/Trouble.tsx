import type { ReactNode } from 'react'
import type { ApiError } from '../api'
import type { Go } from '../address'
import { wrongPatterns, type Filter } from '../filters'
import { filterText } from '../names'

/** What a failure means to a reader, and what can be done. */
export function explain(error: ApiError): string {
  if (error.status === 0) return 'The server cannot be reached. Is the connection up?'
  if (error.status === 429) return `Too many questions at once; again in ${error.retryAfter || 'a few'} seconds.`
  if (error.status >= 500) return 'The server has trouble answering right now. Try again in a moment.'
  return error.message
}

interface Props {
  error: ApiError
  onRetry?: (() => void) | undefined
  children?: ReactNode
}

/** Which filters the store refused, and the way to take them off; there is nothing to try again. */
export function WrongFilters({ error, filters, go }: { error: ApiError; filters: readonly Filter[]; go: Go }) {
  const wrong = wrongPatterns(filters)
  if (wrong.length === 0) return <Trouble error={error} />
  const one = wrong.length === 1
  return (
    <div className="trouble" role="alert">
      <p>
        {one ? 'This filter is' : 'One of these filters is'} no regular expression (as RE2 has them), so nothing can be counted:{' '}
        {wrong.map((filter, index) => (
          <span key={index}>
            {index > 0 && ', '}
            <b>
              <bdi>{filterText(filter)}</bdi>
            </b>
          </span>
        ))}
        . Change it above, or remove it.
      </p>
      <button type="button" onClick={() => go({ filters: filters.filter((filter) => !wrong.includes(filter)) })}>
        {one ? 'Remove this filter' : 'Remove them'}
      </button>
    </div>
  )
}

/** An error that says what to do. */
export function Trouble({ error, onRetry, children }: Props) {
  return (
    <div className="trouble" role="alert">
      <p>{explain(error)}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
      {children}
    </div>
  )
}
