/** The filters of a shared link, as the API tells them: they cannot be removed, and are nested as those of the page are not. */

import { OPERATORS, type Operator } from './filters'

/** A condition, or several of which all, one or none must hold. */
export type Fixed = { operator: Operator; dimension: string; values: readonly string[] } | { join: 'and' | 'or' | 'not'; parts: readonly Fixed[] }

/** What the API tells as `filters`: a list of filters, or one alone. What is none of ours is left out; it holds all the same. */
export function readFixed(told: unknown): readonly Fixed[] {
  if (!Array.isArray(told)) return []
  const list: unknown[] = typeof told[0] === 'string' ? [told] : told
  return list.flatMap((one) => readOne(one) ?? [])
}

function readOne(told: unknown): Fixed | null {
  if (!Array.isArray(told)) return null
  const [name, rest, values] = told as unknown[]
  if (name === 'and' || name === 'or' || name === 'not') {
    const parts = name === 'not' ? [rest] : Array.isArray(rest) ? rest : []
    return { join: name, parts: parts.flatMap((part) => readOne(part) ?? []) }
  }
  if (!OPERATORS.includes(name as Operator) || typeof rest !== 'string') return null
  return { operator: name as Operator, dimension: rest, values: Array.isArray(values) ? values.map(String) : [] }
}
