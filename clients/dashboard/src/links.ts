/** The shared links of a site, for those who may make them. */

import { call } from './api'

/** A link as the API shows it; its secret is not in it. */
export interface Share {
  id: string
  name: string
  filters: readonly unknown[]
  has_password: boolean
  frame_ancestors: readonly string[]
  is_open: boolean
  expires: string | null
  created_at: string
  revoked_at: string | null
}

export interface NewShare {
  name?: string
  filters?: readonly unknown[]
  /** A date, whose midnight in the site's zone is meant. */
  expires?: string
  password?: string
  frame_ancestors?: readonly string[]
}

const path = (site: string) => `sites/${encodeURIComponent(site)}/shares`

/** The links of a site: those that are open, then the newest of the others. Raises ApiError. */
export async function listShares(site: string, signal: AbortSignal): Promise<readonly Share[]> {
  return (await call<{ shares: Share[] }>(path(site), { signal })).shares
}

/** A new link; its address is told this once. Raises ApiError. */
export function makeShare(site: string, share: NewShare): Promise<{ share: Share; url: string }> {
  return call(path(site), { body: share })
}

/** Close a link for good. Raises ApiError. */
export async function revokeShare(site: string, id: string): Promise<void> {
  await call(`${path(site)}/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

/** The whole address of a link, which opens with this query; the API tells a path where it does not know where it is. */
export function addressOfShare(url: string, query: string, origin: string): string {
  const whole = new URL(url, origin)
  whole.search = query
  return whole.href
}

/** What people write for an origin as one: `blog.example` or the address of a page. Null where it names none. */
export function originOf(text: string): string | null {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[\w.-]+:\d+/.test(text) ? text : `https://${text}`)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : null
  } catch {
    return null
  }
}

/** The lines that show a link within another page, as high as it is. */
export function frameOf(address: string, name: string): string {
  const url = new URL(address)
  url.search = url.search ? `${url.search}&embed=1` : '?embed=1'
  const title = name || 'Statistics'
  return `<iframe src="${attribute(url.href)}" title="${attribute(title)}" loading="lazy" style="width:100%;height:1600px;border:0"></iframe>
<script>
addEventListener("message", function (event) {
  if (event.origin !== "${url.origin}" || !event.data || event.data.type !== "footfall:height") return;
  document.querySelectorAll("iframe").forEach(function (frame) {
    if (frame.contentWindow === event.source) frame.style.height = event.data.height + "px";
  });
});
</script>`
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
