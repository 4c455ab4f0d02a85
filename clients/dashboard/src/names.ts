/** What a value of a dimension is called, as plain text. */

const DEVICES: Record<string, string> = { desktop: 'Desktop', mobile: 'Phone', tablet: 'Tablet', tv: 'TV', console: 'Console' }
const MISSING: Record<string, string> = { source: 'Direct', referrer: 'No referrer', event: 'Pageview' }
const displayed = new Map<string, Intl.DisplayNames>()

function named(type: 'region' | 'language', code: string): string {
  let names = displayed.get(type)
  if (!names) displayed.set(type, (names = new Intl.DisplayNames(undefined, { type, fallback: 'code' })))
  try {
    return names.of(code) ?? code
  } catch {
    // A code that is none: T1, XX or what somebody made up.
    return code
  }
}

/** The label of a value; a missing value has a name too. */
export function nameOf(dimension: string, value: string): string {
  if (value === '') return MISSING[dimension] ?? '(none)'
  if (dimension === 'country') return named('region', value)
  if (dimension === 'language') return named('language', value)
  if (dimension === 'device') return DEVICES[value] ?? value
  if (dimension === 'region') {
    const cut = value.indexOf('-')
    return cut > 0 ? `${value.slice(cut + 1)}, ${named('region', value.slice(0, cut))}` : value
  }
  return value
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
