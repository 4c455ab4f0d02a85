/** The panels of the overview and the dimensions in them. */

export type PanelName = 'sources' | 'pages' | 'places' | 'devices' | 'events'

export interface Tab {
  /** A dimension of the API, or a view of its own (`map`, `properties`). */
  name: string
  title: string
}

export interface PanelInfo {
  name: PanelName
  title: string
  /** How many of the tabs stand beside each other; the others are in a list. */
  shown: number
  tabs: readonly Tab[]
}

export const PANELS: readonly PanelInfo[] = [
  {
    name: 'sources',
    title: 'Sources',
    shown: 4,
    tabs: [
      { name: 'channel', title: 'Channel' },
      { name: 'source', title: 'Source' },
      { name: 'referrer', title: 'Referrer' },
      { name: 'utm_campaign', title: 'Campaign' },
      { name: 'utm_medium', title: 'Medium' },
      { name: 'utm_source', title: 'UTM source' },
      { name: 'utm_term', title: 'Term' },
      { name: 'utm_content', title: 'Content' },
    ],
  },
  {
    name: 'pages',
    title: 'Pages',
    shown: 3,
    tabs: [
      { name: 'page', title: 'Viewed' },
      { name: 'entry_page', title: 'Entry' },
      { name: 'exit_page', title: 'Exit' },
      { name: 'title', title: 'Title' },
      { name: 'hostname', title: 'Host' },
    ],
  },
  {
    name: 'places',
    title: 'Places',
    shown: 4,
    tabs: [
      { name: 'map', title: 'Map' },
      { name: 'country', title: 'Country' },
      { name: 'region', title: 'Region' },
      { name: 'city', title: 'City' },
      { name: 'language', title: 'Language' },
    ],
  },
  {
    name: 'devices',
    title: 'Devices',
    shown: 3,
    tabs: [
      { name: 'browser', title: 'Browser' },
      { name: 'os', title: 'System' },
      { name: 'device', title: 'Device' },
      { name: 'browser_version', title: 'Browser version' },
      { name: 'os_version', title: 'System version' },
      { name: 'screen_size', title: 'Screen' },
    ],
  },
  {
    name: 'events',
    title: 'Events',
    shown: 2,
    tabs: [
      { name: 'event', title: 'Name' },
      { name: 'properties', title: 'Properties' },
    ],
  },
]
export const PANEL_NAMES: readonly PanelName[] = PANELS.map((panel) => panel.name)

const TITLES: Record<string, string> = {
  page: 'Page', entry_page: 'Entry page', exit_page: 'Exit page', title: 'Title', hostname: 'Host', event: 'Event',
  channel: 'Channel', source: 'Source', referrer: 'Referrer', utm_source: 'UTM source', utm_medium: 'Medium',
  utm_campaign: 'Campaign', utm_term: 'Term', utm_content: 'Content', country: 'Country', region: 'Region', city: 'City',
  language: 'Language', device: 'Device', browser: 'Browser', browser_version: 'Browser version', os: 'System',
  os_version: 'System version', screen_size: 'Screen',
}
export const DIMENSIONS: readonly string[] = Object.keys(TITLES)

/** Whether the API knows a dimension of this name. */
export function isDimension(name: string): boolean {
  return name in TITLES || (name.startsWith('props:') && name.length > 6)
}

/** What a dimension is called on the page; a property by its own key. */
export function titleOf(dimension: string): string {
  return TITLES[dimension] ?? dimension.replace(/^props:/, '')
}
