/** What a value of a dimension is called, as plain text. */

import { titleOf } from './dimensions'
import { OPERATOR_WORDS, type Filter } from './filters'

// Maps, since a value may be called `constructor`, which every object has.
const DEVICES = new Map([['desktop', 'Desktop'], ['mobile', 'Phone'], ['tablet', 'Tablet'], ['tv', 'TV'], ['console', 'Console']])
const MISSING = new Map([['source', 'Direct'], ['referrer', 'No referrer'], ['event', 'Pageview']])
const NAMED = ['country', 'language', 'device', 'region']
const displayed = new Map<string, Intl.DisplayNames>()

function named(type: 'region' | 'language', code: string): string {
  let names = displayed.get(type)
  if (!names) displayed.set(type, (names = new Intl.DisplayNames('en', { type, fallback: 'code' })))
  try {
    return names.of(code) ?? code
  } catch {
    // A code that is none: T1, XX or what somebody made up.
    return code
  }
}

/** The label of a value; a missing value has a name too. */
export function nameOf(dimension: string, value: string): string {
  if (value === '') return MISSING.get(dimension) ?? '(none)'
  if (dimension === 'country') return named('region', value)
  if (dimension === 'language') return named('language', value)
  if (dimension === 'device') return DEVICES.get(value) ?? value
  if (dimension === 'region') {
    const cut = value.indexOf('-')
    return cut > 0 ? `${value.slice(cut + 1)}, ${named('region', value.slice(0, cut))}` : value
  }
  return value
}

/** Whether values of this dimension are shown by another name than the store has: these are searched and sorted here, by that name. */
export function isNamed(dimension: string): boolean {
  return NAMED.includes(dimension)
}

/** Whether a value is meant by what somebody searches: by its name or as the store has it, in any letter case and with or without accents. */
export function isMeant(dimension: string, value: string, search: string): boolean {
  const wanted = plain(search)
  return plain(nameOf(dimension, value)).includes(wanted) || plain(value).includes(wanted)
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The order of two values by their names, as a dictionary has it. */
export function byName(dimension: string): (one: string, other: string) => number {
  const order = new Intl.Collator('en', { numeric: true })
  return (one, other) => order.compare(nameOf(dimension, one), nameOf(dimension, other))
}

/** A filter in words: `Country is Germany or Austria`. */
export function filterText({ dimension, operator, values }: Filter): string {
  const names = values.map((value) => (operator === 'is' || operator === 'is_not' ? nameOf(dimension, value) : value))
  return `${titleOf(dimension)} ${OPERATOR_WORDS[operator]} ${names.join(' or ')}`
}

/** The address that a value leads to, only ever http(s); null where it leads nowhere. `host` is the site's own. */
export function linkOf(dimension: string, value: string, host: string): string | null {
  let text = ''
  if (dimension === 'referrer' && value.includes('.')) text = `https://${value}`
  else if (dimension === 'hostname' && value.includes('.')) text = `https://${value}/`
  else if (['page', 'entry_page', 'exit_page'].includes(dimension) && host && /^\/(?!\/)/.test(value)) text = `https://${host}${value}`
  if (!text) return null
  try {
    const url = new URL(text)
    return (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password ? url.href : null
  } catch {
    return null
  }
}
