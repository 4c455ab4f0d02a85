/** What moved most between two periods, of the rows that the page has anyway. */

import { PANELS } from './dimensions'
import { percent } from './format'
import { dimensionOf, isChosen, nameOfRows, ROWS, shownRows, type Answer } from './questions'
import type { State } from './state'

export interface Move {
  dimension: string
  value: string
  /** Visitors, now and before. */
  now: number
  before: number
}

/** So many are told. */
const MOST = 6

/** How much of a whole change one move is, in words; "" for one that went the other way. */
export function shareOfChange(move: Move, change: number): string {
  const share = (move.now - move.before) / change
  if (!(share > 0)) return ''
  return share > 1 ? 'more than the whole change' : `${percent(share * 100, 0)} of the change`
}

/**
 * The values whose visitors changed most, the largest change first: of the rows that each panel shows. A dimension with one value
 * explains nothing, and neither does what nobody can tell, nor one of which a value is chosen: its rows are those of everybody.
 */
export function movesOf(state: State, answerOf: (name: string) => Answer | null): Move[] {
  const moves: Move[] = []
  for (const panel of PANELS) {
    const tab = state.tabs[panel.name]
    const dimension = dimensionOf(tab)
    const answer = dimension && answerOf(nameOfRows(panel.name, tab))
    if (!dimension || !answer || isChosen(state.filters, dimension)) continue
    const at = answer.query.metrics.indexOf('visitors')
    const { rows } = shownRows(answer, dimension, Math.max(ROWS, answer.results.length))
    if (rows.length < 2) continue
    for (const row of rows) {
      const now = row.metrics[at] ?? null
      const before = row.comparison?.metrics[at] ?? null
      if (now !== null && before !== null && now !== before && row.dimensions[0]) moves.push({ dimension, value: row.dimensions[0], now, before })
    }
  }
  return moves.sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before)).slice(0, MOST)
}
