import { titleOf } from '../dimensions'
import { toggle, type Filter } from '../filters'
import { count } from '../format'
import { shareOfChange, type Move } from '../moves'
import { nameOf } from '../names'
import type { Go } from '../address'

interface ButtonProps {
  /** How many visitors more or fewer there are. */
  change: number
  /** The period before, in words. */
  against: string
  open: boolean
  onOpen: (open: boolean) => void
}

/** Beside the graph: the way to what moved most. */
export function WhyButton({ change, against, open, onOpen }: ButtonProps) {
  return (
    <button type="button" className="link why-button" aria-expanded={open} onClick={() => onOpen(!open)}>
      Why {count(Math.abs(change))} {change > 0 ? 'more' : 'fewer'}
      <span className="unseen"> visitors than {against}</span>?
    </button>
  )
}

interface Props {
  moves: readonly Move[]
  /** How many visitors more or fewer there are in all. */
  change: number
  filters: readonly Filter[]
  go: Go
}

/** What moved most since the period before: each can be looked at alone. */
export function Why({ moves, change, filters, go }: Props) {
  return (
    <div className="why">
      <ul aria-label="What moved most">
        {moves.map((move) => {
          const moved = move.now - move.before
          return (
            <li key={`${move.dimension} ${move.value}`}>
              <span className={moved > 0 ? 'better' : 'worse'}>
                <span aria-hidden="true">{moved > 0 ? '▲' : '▼'}</span>
                <span className="unseen">{moved > 0 ? 'up' : 'down'}</span> {count(Math.abs(moved))}
              </span>
              <button type="button" className="name" title="Only this" onClick={() => go({ filters: toggle(filters, move.dimension, move.value) })}>
                <span className="quiet">{titleOf(move.dimension)}</span> <bdi>{nameOf(move.dimension, move.value)}</bdi>
              </button>
              <span className="quiet">
                {count(move.before)} → {count(move.now)}
                {shareOfChange(move, change) && ` · ${shareOfChange(move, change)}`}
              </span>
            </li>
          )
        })}
      </ul>
      <p className="quiet">Visitors, of the rows of the panels below. Somebody can be in several, and what fell in one can have risen in another, so they do not add up to the whole.</p>
    </div>
  )
}
