/** Filters: as the address has them, as the API takes them, and what a click on a row makes of them. */

import { isDimension } from './dimensions'

export const OPERATORS = ['is', 'is_not', 'contains', 'contains_not', 'matches', 'matches_not'] as const
export type Operator = (typeof OPERATORS)[number]

export interface Filter {
  operator: Operator
  dimension: string
  values: readonly string[]
}

/** Operators in the words of a chip. */
export const OPERATOR_WORDS: Record<Operator, string> = {
  is: 'is', is_not: 'is not', contains: 'contains', contains_not: 'does not contain', matches: 'matches', matches_not: 'does not match',
}

// What Plausible calls some of ours, so that its links work.
const ALIASES = new Map([['goal', 'event'], ['screen', 'device'], ['utm_keyword', 'utm_term']])

/** `is,country,DE,AT` of the address, still percent-encoded: commas within a value are %2C. Null for what is no filter. */
export function readFilter(encoded: string): Filter | null {
  let parts: string[]
  try {
    parts = encoded.split(',').map((part) => decodeURIComponent(part.replaceAll('+', '%20')))
  } catch {
    return null
  }
  const [operator, name, ...values] = parts
  const dimension = ALIASES.get(name ?? '') ?? name ?? ''
  if (!OPERATORS.includes(operator as Operator) || !isDimension(dimension) || values.length === 0) return null
  return { operator: operator as Operator, dimension, values: [...new Set(values)] }
}

/** A filter as it stands in the address. */
export function writeFilter(filter: Filter): string {
  return [filter.operator, filter.dimension, ...filter.values].map(encode).join(',')
}

/** Percent-encoded as little as an address allows, so that it stays readable. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%3A', ':')
}

/** A list of filters as POST /query takes it. */
export function forApi(filters: readonly Filter[]): unknown[] {
  return filters.map(({ operator, dimension, values }) =>
    operator === 'contains' || operator === 'contains_not'
      ? [operator, dimension, values, { case_sensitive: false }]
      : [operator, dimension, values],
  )
}

/** Which filters the store may have refused for their pattern: those that are no regular expression, else all that have one. */
export function wrongPatterns(filters: readonly Filter[]): Filter[] {
  const patterns = filters.filter((filter) => filter.operator === 'matches' || filter.operator === 'matches_not')
  const wrong = patterns.filter((filter) => !filter.values.every(isPattern))
  return wrong.length ? wrong : patterns
}

/** Whether this is a regular expression as the store has them (RE2), as far as a browser, which has others, can tell. */
function isPattern(text: string): boolean {
  // RE2 looks neither ahead nor back.
  if (/\(\?<?[=!]|\\[1-9]/.test(text)) return false
  const here = text.replace(/\(\?[imsU-]+\)/g, '').replace(/\(\?[imsU-]+:/g, '(?:').replaceAll('(?P<', '(?<')
  try {
    new RegExp(here)
    return true
  } catch {
    return false
  }
}

/** Whether a filter `is` selects this value of the dimension. */
export function selects(filters: readonly Filter[], dimension: string, value: string): boolean {
  return filters.some((filter) => filter.operator === 'is' && filter.dimension === dimension && filter.values.includes(value))
}

/** A row was clicked: its value alone, or off again when it was the only one. */
export function toggle(filters: readonly Filter[], dimension: string, value: string): Filter[] {
  const others = filters.filter((filter) => !(filter.operator === 'is' && filter.dimension === dimension))
  const own = filters.filter((filter) => filter.operator === 'is' && filter.dimension === dimension)
  const alone = own.length === 1 && own[0]!.values.length === 1 && own[0]!.values[0] === value
  return alone ? others : [...others, { operator: 'is', dimension, values: [value] }]
}

/** A row was clicked with Shift: its value or those that are selected; off again when it is one of them. */
export function extend(filters: readonly Filter[], dimension: string, value: string): Filter[] {
  return changed(filters, 'is', dimension, value)
}

/** Its ≠ was clicked: everything but this value, beside what is excluded already. */
export function exclude(filters: readonly Filter[], dimension: string, value: string): Filter[] {
  const kept = filters.filter(
    (filter) => !(filter.operator === 'is' && filter.dimension === dimension && filter.values.length === 1 && filter.values[0] === value),
  )
  return changed(kept, 'is_not', dimension, value)
}

function changed(filters: readonly Filter[], operator: Operator, dimension: string, value: string): Filter[] {
  const at = filters.findIndex((filter) => filter.operator === operator && filter.dimension === dimension)
  if (at < 0) return [...filters, { operator, dimension, values: [value] }]
  const values = filters[at]!.values
  const now = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
  if (now.length === 0) return filters.filter((_, index) => index !== at)
  return filters.map((filter, index) => (index === at ? { ...filter, values: now } : filter))
}
