import { titleOf } from '../dimensions'
import { OPERATOR_WORDS, type Filter } from '../filters'
import { filterText, nameOf } from '../names'
import type { Fixed } from '../fixed'
import type { Go } from '../address'
import { FixedWords } from './Fixed'

interface Props {
  /** Those of a shared link, which stay. */
  fixed: readonly Fixed[]
  filters: readonly Filter[]
  onEdit: (index: number) => void
  go: Go
}

/** The filters as chips: each can be changed and removed, but those of a shared link. */
export function Filters({ fixed, filters, onEdit, go }: Props) {
  return (
    <ul className="chips" aria-label="Filters">
      {fixed.map((filter, index) => (
        <li key={`fixed-${index}`} className="fixed" title="This link shows these numbers only">
          <span className="chip">
            <FixedWords filter={filter} />
          </span>
        </li>
      ))}
      {filters.map((filter, index) => (
        <li key={index} className={filter.operator === 'is' ? '' : filter.operator.includes('not') ? 'without' : ''}>
          <button type="button" className="chip" title="Change this filter" onClick={() => onEdit(index)}>
            <span className="quiet">
              {titleOf(filter.dimension)} {OPERATOR_WORDS[filter.operator]}
            </span>{' '}
            <b>
              <Values filter={filter} />
            </b>
          </button>
          <button
            type="button"
            className="icon"
            aria-label={`Remove filter ${filterText(filter)}`}
            onClick={() => go({ filters: filters.filter((_, at) => at !== index) })}
          >
            ×
          </button>
        </li>
      ))}
      <li className="add">
        <button type="button" className="chip" onClick={() => onEdit(filters.length)}>
          + Filter
        </button>
      </li>
      {filters.length > 1 && (
        <li className="add">
          <button type="button" className="chip" onClick={() => go({ filters: [] })}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  )
}

function Values({ filter }: { filter: Filter }) {
  const names = filter.values.map((value) => (filter.operator.startsWith('is') ? nameOf(filter.dimension, value) : value))
  return (
    <>
      {names.slice(0, 3).map((name, index) => (
        <span key={index}>
          {index > 0 && <span className="quiet"> or </span>}
          <bdi>{name}</bdi>
        </span>
      ))}
      {names.length > 3 && <span className="quiet"> or {names.length - 3} more</span>}
    </>
  )
}
