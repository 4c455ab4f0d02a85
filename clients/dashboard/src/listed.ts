/** All rows of a dimension whose values are shown by a name, searched and sorted by that name, which the store does not know. */

import { byName, isMeant } from './names'
import type { Row } from './questions'

/** So many rows are asked for; what has more than these is no list that somebody reads. */
export const LISTED = 10_000

/** The rows that a search means, by name where `order` is the dimension, else as the store sorted them. */
export function listed(rows: readonly Row[], dimension: string, search: string, order: readonly [string, 'asc' | 'desc']): Row[] {
  const found = rows.filter((row) => isMeant(dimension, row.dimensions[0]!, search))
  if (order[0] !== dimension) return found
  const compare = byName(dimension)
  const way = order[1] === 'asc' ? 1 : -1
  return found.sort((one, other) => way * compare(one.dimensions[0]!, other.dimensions[0]!))
}
