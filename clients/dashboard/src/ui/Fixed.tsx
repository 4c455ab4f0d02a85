import type { Fixed } from '../fixed'
import { titleOf } from '../dimensions'
import { OPERATOR_WORDS } from '../filters'
import { nameOf } from '../names'

/** A filter of a shared link in words; nested ones in brackets. */
export function FixedWords({ filter, nested = false }: { filter: Fixed; nested?: boolean }) {
  if ('join' in filter) {
    const { join, parts } = filter
    const inner = parts.map((part, index) => (
      <span key={index}>
        {index > 0 && <span className="quiet"> {join} </span>}
        <FixedWords filter={part} nested />
      </span>
    ))
    if (join === 'not') return <>not ({inner})</>
    return nested && parts.length > 1 ? <>({inner})</> : <>{inner}</>
  }
  const { operator, dimension, values } = filter
  return (
    <>
      <span className="quiet">
        {titleOf(dimension)} {OPERATOR_WORDS[operator]}
      </span>{' '}
      {values.map((value, index) => (
        <span key={index}>
          {index > 0 && <span className="quiet"> or </span>}
          <b>
            <bdi>{operator.startsWith('is') ? nameOf(dimension, value) : value}</bdi>
          </b>
        </span>
      ))}
    </>
  )
}
