import type { ReactNode } from 'react'
import type { ApiError } from '../api'

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
